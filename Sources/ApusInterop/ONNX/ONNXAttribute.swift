#if Interop
    import ApusCore

    /// A setting of a node, such as the strides of a convolution.
    public struct ONNXAttribute: Sendable, Equatable {
        /// What a setting is.
        public enum Value: Sendable, Equatable {
            case float(Float)
            case integer(Int)
            case text(String)
            case tensor(ONNXTensor)
            /// What the node runs: a branch of an `If`, the body of a `Loop` or `Scan`.
            case graph(ONNXGraph)
            case type(ONNXType)
            case floats([Float])
            case integers([Int])
            case texts([String])
            case tensors([ONNXTensor])
            case graphs([ONNXGraph])
            case types([ONNXType])
            /// In a function: the value that its caller gives under this name.
            case reference(String)
        }

        /// Which setting of the operation it is.
        public let name: String
        /// Its value.
        public let value: Value
    }

    extension ONNXAttribute: CustomStringConvertible {
        /// Such as `strides [2, 2]`.
        public var description: String {
            func size(_ graph: ONNXGraph) -> String { "graph \(graph.name) (\(counted(graph.nodes.count, "node")))" }
            let text =
                switch value {
                case .float(let value): "\(value)"
                case .integer(let value): "\(value)"
                case .text(let value): value.quoted
                case .tensor(let value): "\(value.elementType) \(value.shape)"
                case .graph(let value): size(value)
                case .type(let value): "\(value)"
                case .floats(let values): Self.list(values) { "\($0)" }
                case .integers(let values): Self.list(values) { "\($0)" }
                case .texts(let values): Self.list(values) { $0.quoted }
                case .tensors(let values): Self.list(values) { "\($0.elementType) \($0.shape)" }
                case .graphs(let values): Self.list(values, size)
                case .types(let values): Self.list(values) { "\($0)" }
                case .reference(let name): "as the caller's \(name)"
                }
            return "\(name) \(text)"
        }

        /// In brackets; after the first sixteen, how many more there are.
        private static func list<T>(_ values: [T], _ text: (T) -> String) -> String {
            let more = values.count > 16 ? ", and \(values.count - 16) more" : ""
            return "[\(values.prefix(16).map(text).joined(separator: ", "))\(more)]"
        }
    }

    extension ONNXReader {
        /// - Parameter owner: the node or function that has them, for messages
        func attributes(
            _ messages: [Onnx_AttributeProto], of owner: String
        ) throws(ApusError) -> [ONNXAttribute] {
            var attributes: [ONNXAttribute] = []
            var names: Set<String> = []
            for message in messages {
                guard !message.name.isEmpty, names.insert(message.name).inserted else {
                    throw failure("\(owner) has two attributes \(message.name.quoted), or one without a name")
                }
                let title = "the attribute \(message.name.quoted) of \(owner)"
                attributes.append(ONNXAttribute(name: message.name, value: try value(message, title)))
            }
            return attributes
        }

        private func value(_ message: Onnx_AttributeProto, _ title: String) throws(ApusError) -> ONNXAttribute.Value {
            if !message.refAttrName.isEmpty { return .reference(message.refAttrName) }
            switch message.type {
            case .float: return .float(message.f)
            case .int: return .integer(Int(message.i))
            case .string: return .text(try text(message.s, title))
            case .tensor where message.hasT: return .tensor(try tensor(message.t, owner: " in \(title)"))
            case .graph where message.hasG: return .graph(try graph(message.g))
            case .typeProto where message.hasTp: return .type(try type(message.tp, of: message.name))
            case .floats: return .floats(message.floats)
            case .ints: return .integers(message.ints.map { Int($0) })
            case .strings:
                return .texts(try message.strings.map { (bytes) throws(ApusError) in try text(bytes, title) })
            case .tensors:
                return .tensors(
                    try message.tensors.map { (message) throws(ApusError) in
                        try tensor(message, owner: " in \(title)")
                    })
            case .graphs: return .graphs(try message.graphs.map { (message) throws(ApusError) in try graph(message) })
            case .typeProtos:
                return .types(
                    try message.typeProtos.map { (type) throws(ApusError) in try self.type(type, of: message.name) })
            case .sparseTensor, .sparseTensors:
                throw unsupported("\(title) is a sparse tensor", remedy: "save it as a plain one")
            case .tensor, .graph, .typeProto, .undefined:
                throw failure("\(title) has no value")
            case .UNRECOGNIZED(let number):
                throw unsupported(
                    "\(title) is of the kind with the number \(number), but 1 to 14 are known",
                    remedy: "export the model for an older version of ONNX")
            }
        }

        private func text(_ bytes: some Collection<UInt8>, _ title: String) throws(ApusError) -> String {
            guard let text = String(strictUTF8: bytes) else { throw failure("\(title) is a text that is not UTF-8") }
            return text
        }
    }
#endif
