#if Interop
    import ApusCore

    /// An operation of a graph with the names of what it takes and gives.
    public struct ONNXNode: Sendable, Equatable {
        /// The domain of ONNX's own operations, which files leave out.
        public static let standardDomain = "ai.onnx"

        /// The node's own name; may be empty.
        public let name: String
        /// The kind of operation, such as `Conv`.
        public let operation: String
        /// Who defines the operation: `ai.onnx` where the file says nothing.
        public let domain: String
        /// Which of several functions of one name is meant; mostly empty.
        public let overload: String
        /// The names of the values that it takes; an empty one stands for an optional input that is left out.
        public let inputs: [String]
        /// The names of the values that it gives; an empty one is not wanted.
        public let outputs: [String]
        /// In the order of the file.
        public let attributes: [ONNXAttribute]

        /// The value of an attribute; nil where the file leaves the operation's default.
        public func attribute(_ name: String) -> ONNXAttribute.Value? {
            attributes.first { $0.name == name }?.value
        }
    }

    extension ONNXNode: CustomStringConvertible {
        /// Such as `Conv(x, weight) -> y  pads [1, 1, 1, 1]`; sub-graphs are told by their name and size.
        public var description: String {
            let title = domain == Self.standardDomain ? operation : "\(domain).\(operation)"
            func list(_ names: [String]) -> String {
                names.map { $0.isEmpty ? "_" : $0 }.joined(separator: ", ")
            }
            let settings = attributes.map { "  \($0)" }.joined()
            return "\(title)(\(list(inputs))) -> \(list(outputs))\(settings)"
        }
    }

    extension ONNXReader {
        /// - Parameter number: its place in its graph, for messages
        func node(_ message: Onnx_NodeProto, number: Int) throws(ApusError) -> ONNXNode {
            guard !message.opType.isEmpty else { throw failure("node entry \(number) names no operation") }
            let owner = "node entry \(number) (\(message.opType.quoted))"
            return ONNXNode(
                name: message.name, operation: message.opType, domain: domain(message.domain),
                overload: message.overload, inputs: message.input, outputs: message.output,
                attributes: try attributes(message.attribute, of: owner))
        }

        func domain(_ name: String) -> String { name.isEmpty ? ONNXNode.standardDomain : name }
    }
#endif
