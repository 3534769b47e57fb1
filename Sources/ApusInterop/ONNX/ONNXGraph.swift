#if Interop
    import ApusCore

    /// Nodes that compute outputs from inputs and initializers: a model's main graph, or one in an attribute.
    public struct ONNXGraph: Sendable, Equatable {
        /// The graph's name.
        public let name: String
        /// What is given to it. Files of before 2019 list the initializers here too.
        public let inputs: [ONNXValueInfo]
        /// What it computes.
        public let outputs: [ONNXValueInfo]
        /// What is known of values between nodes; may be empty.
        public let values: [ONNXValueInfo]
        /// The operations in the order of the file, in which each comes after those whose results it takes.
        public let nodes: [ONNXNode]
        /// Trained weights and other constants.
        public let initializers: [ONNXTensor]

        /// A weight or constant for the engine; types that it lacks are widened without loss.
        ///
        /// - Throws: an `ApusError` if the graph has none of this name, or as ``ONNXTensor/tensor()``
        public func initializer(_ name: String) throws(ApusError) -> Tensor {
            guard let tensor = initializers.first(where: { $0.name == name }) else {
                throw ApusError(
                    .name, in: "ONNX graph \(self.name.quoted)",
                    "it holds no initializer \(name.quoted), but \(initializers.map(\.name).listed)",
                    remedy: "use one of these names")
            }
            return try tensor.tensor()
        }
    }

    extension ONNXReader {
        func graph(_ message: Onnx_GraphProto) throws(ApusError) -> ONNXGraph {
            guard message.sparseInitializer.isEmpty else {
                throw unsupported(
                    "\(message.sparseInitializer.count) initializers of the graph \(message.name.quoted) are sparse",
                    remedy: "save them as plain tensors")
            }
            var initializers: [ONNXTensor] = []
            var names: Set<String> = []
            for (index, initializer) in message.initializer.enumerated() {
                guard !initializer.name.isEmpty, names.insert(initializer.name).inserted else {
                    throw failure(
                        "initializer entry \(index) of the graph \(message.name.quoted) has no name or one that another has"
                    )
                }
                initializers.append(try tensor(initializer))
            }
            return ONNXGraph(
                name: message.name, inputs: try values(message.input), outputs: try values(message.output),
                values: try values(message.valueInfo), nodes: try nodes(message.node), initializers: initializers)
        }

        func nodes(_ messages: [Onnx_NodeProto]) throws(ApusError) -> [ONNXNode] {
            var nodes: [ONNXNode] = []
            for (index, message) in messages.enumerated() { nodes.append(try node(message, number: index)) }
            return nodes
        }

        private func values(_ messages: [Onnx_ValueInfoProto]) throws(ApusError) -> [ONNXValueInfo] {
            try messages.map { (message) throws(ApusError) in try valueInfo(message) }
        }
    }
#endif
