#if Interop
    import ApusCore

    /// The size of an axis as a model declares it.
    public enum ONNXExtent: Sendable, Equatable, CustomStringConvertible {
        case fixed(Int)
        /// Equal wherever the name stands, such as `batch`.
        case symbol(String)
        case unknown

        /// Such as `3`, `batch` or `?`.
        public var description: String {
            switch self {
            case .fixed(let extent): "\(extent)"
            case .symbol(let name): name
            case .unknown: "?"
            }
        }
    }

    /// What a value of a graph is.
    public indirect enum ONNXType: Sendable, Equatable, CustomStringConvertible {
        /// A tensor; nil where the model leaves its elements or the number of its axes open.
        case tensor(ONNXElementType?, shape: [ONNXExtent]?)
        /// A tensor that lists its elements other than 0.
        case sparseTensor(ONNXElementType?, shape: [ONNXExtent]?)
        case sequence(ONNXType)
        /// A value that may be absent.
        case optional(ONNXType)
        case map(key: ONNXElementType?, value: ONNXType)
        /// What only the operations of a domain know.
        case opaque(domain: String, name: String)
        /// The model does not say.
        case unknown

        /// Such as `float32 [batch, 3, 224, 224]`.
        public var description: String {
            func text(_ element: ONNXElementType?, _ shape: [ONNXExtent]?) -> String {
                let extents = shape.map { "[\($0.map(\.description).joined(separator: ", "))]" } ?? "[...]"
                return "\(element?.description ?? "?") \(extents)"
            }
            return switch self {
            case .tensor(let element, let shape): text(element, shape)
            case .sparseTensor(let element, let shape): "sparse \(text(element, shape))"
            case .sequence(let type): "sequence of \(type)"
            case .optional(let type): "optional \(type)"
            case .map(let key, let value): "map of \(key?.description ?? "?") to \(value)"
            case .opaque(let domain, let name): "\(domain.isEmpty ? "" : "\(domain).")\(name)"
            case .unknown: "?"
            }
        }
    }

    /// A value of a graph: an input, an output, or one between nodes.
    public struct ONNXValueInfo: Sendable, Equatable, CustomStringConvertible {
        /// The name under which nodes use it.
        public let name: String
        /// What it is.
        public let type: ONNXType

        /// Such as `image: float32 [batch, 3, 224, 224]`.
        public var description: String { "\(name): \(type)" }
    }

    extension ONNXReader {
        func valueInfo(_ message: Onnx_ValueInfoProto) throws(ApusError) -> ONNXValueInfo {
            ONNXValueInfo(name: message.name, type: try type(message.type, of: message.name))
        }

        /// - Parameter name: of the value or attribute that has the type, for messages
        func type(_ message: Onnx_TypeProto, of name: String) throws(ApusError) -> ONNXType {
            switch message.value {
            case .tensorType(let tensor):
                .tensor(try element(tensor.elemType, of: name), shape: try shape(tensor, of: name))
            case .sparseTensorType(let tensor):
                .sparseTensor(try element(tensor.elemType, of: name), shape: try shape(tensor, of: name))
            case .sequenceType(let sequence): .sequence(try type(sequence.elemType, of: name))
            case .optionalType(let optional): .optional(try type(optional.elemType, of: name))
            case .mapType(let map):
                .map(key: try element(map.keyType, of: name), value: try type(map.valueType, of: name))
            case .opaqueType(let opaque): .opaque(domain: opaque.domain, name: opaque.name)
            case nil: .unknown
            }
        }

        private func element(_ number: Int32, of name: String) throws(ApusError) -> ONNXElementType? {
            if number == 0 { return nil }
            guard let type = ONNXElementType(rawValue: Int(number)) else {
                throw unsupported(
                    "the value \(name.quoted) has elements of the type with the number \(number), but 1 to 26 are known",
                    remedy: "export the model for an older version of ONNX")
            }
            return type
        }

        private func shape(_ tensor: Onnx_TypeProto.Tensor, of name: String) throws(ApusError) -> [ONNXExtent]? {
            guard tensor.hasShape else { return nil }
            guard tensor.shape.dim.count <= ONNXTensor.maximumRank else {
                throw failure(
                    "the value \(name.quoted) has \(tensor.shape.dim.count) axes, but \(ONNXTensor.maximumRank) are the most"
                )
            }
            return try tensor.shape.dim.map { (dimension) throws(ApusError) in
                switch dimension.value {
                case .dimValue(let extent):
                    guard extent >= 0 else {
                        throw failure("the value \(name.quoted) has an axis of \(extent) elements")
                    }
                    return .fixed(Int(extent))
                case .dimParam(let symbol): return symbol.isEmpty ? .unknown : .symbol(symbol)
                case nil: return .unknown
                }
            }
        }
    }
#endif
