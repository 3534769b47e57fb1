#if Interop
    import ApusCore

    /// A model in a file of ONNX, read as data: nothing in it is run, and no other file is opened.
    ///
    ///     let model = try ONNXModel(path: "resnet18.onnx")
    ///     print(model.describe())
    ///     let weight = try model.graph.initializer("conv1.weight")    // [64, 3, 7, 7]
    ///
    /// Every length is checked against the shape that it should have before values are copied.
    /// Format: <https://github.com/onnx/onnx/blob/main/docs/IR.md>
    public struct ONNXModel: Sendable, Equatable {
        /// The version of the format itself.
        public let irVersion: Int
        /// The program that wrote the file, and its version; may be empty.
        public let producer: String, producerVersion: String
        /// Whose model it is, and its version there; may be empty and 0.
        public let domain: String, modelVersion: Int
        /// What its author says of it; may be empty.
        public let documentation: String
        /// The version of the operations of each domain; that of ONNX itself is `ai.onnx`.
        public let opsets: [String: Int]
        /// What is computed.
        public let graph: ONNXGraph
        /// Operations that the file defines by others.
        public let functions: [ONNXFunction]
        /// The texts that the writer added.
        public let metadata: [String: String]

        /// Reads a file.
        ///
        /// - Throws: an `ApusError` with the file's name, if it is damaged or nested too deeply, or if it has what is not
        ///   read: sparse tensors, values in other files, complex numbers
        public init(path: String) throws(ApusError) {
            try self.init(ByteSource(path: path, kind: "ONNX model"))
        }

        /// Reads a file that is in memory; `name` stands in error messages.
        public init(bytes: [UInt8], name: String = "in memory") throws(ApusError) {
            try self.init(ByteSource(bytes: bytes, name: name, kind: "ONNX model"))
        }

        private init(_ source: ByteSource) throws(ApusError) {
            let reader = ONNXReader(source: source)
            let message = try reader.message(Onnx_ModelProto.self)
            guard message.irVersion >= 1, message.hasGraph else {
                throw reader.failure("it has no version or no graph in its \(source.count) bytes")
            }
            irVersion = Int(message.irVersion)
            (producer, producerVersion) = (message.producerName, message.producerVersion)
            (domain, modelVersion, documentation) = (message.domain, Int(message.modelVersion), message.docString)
            opsets = try reader.opsets(message.opsetImport)
            // Versions 1 and 2 had none.
            guard irVersion < 3 || !opsets.isEmpty else {
                throw reader.failure("it names no version of its operations in its \(source.count) bytes")
            }
            graph = try reader.graph(message.graph)
            functions = try message.functions.map { (function) throws(ApusError) in try reader.function(function) }
            metadata = Dictionary(message.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        }
    }

    /// An operation that a model defines by others.
    public struct ONNXFunction: Sendable, Equatable {
        /// What nodes call it, with the domain and overload that they name.
        public let name: String, domain: String, overload: String
        /// The names of the values that a caller gives and gets.
        public let inputs: [String], outputs: [String]
        /// The attributes that a caller must give.
        public let attributes: [String]
        /// The attributes that a caller may give, with what stands in for them.
        public let defaults: [ONNXAttribute]
        /// What it runs.
        public let nodes: [ONNXNode]
        /// The version of the operations of each domain that it uses.
        public let opsets: [String: Int]
    }

    extension ONNXReader {
        func opsets(_ messages: [Onnx_OperatorSetIdProto]) throws(ApusError) -> [String: Int] {
            var opsets: [String: Int] = [:]
            for (index, message) in messages.enumerated() {
                guard message.version >= 1,
                    opsets.updateValue(Int(message.version), forKey: domain(message.domain)) == nil
                else {
                    throw failure(
                        "version \(message.version) of the operations of \(domain(message.domain).quoted) is none, "
                            + "or a second one (entry \(index))")
                }
            }
            return opsets
        }

        func function(_ message: Onnx_FunctionProto) throws(ApusError) -> ONNXFunction {
            ONNXFunction(
                name: message.name, domain: domain(message.domain), overload: message.overload, inputs: message.input,
                outputs: message.output, attributes: message.attribute,
                defaults: try attributes(message.attributeProto, of: "the function \(message.name.quoted)"),
                nodes: try nodes(message.node), opsets: try opsets(message.opsetImport))
        }
    }
#endif
