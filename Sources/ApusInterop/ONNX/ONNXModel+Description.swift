#if Interop
    import ApusCore

    extension ONNXModel: CustomStringConvertible {
        /// A line: the graph's name, the versions, the writer, and how many nodes and initializers there are.
        public var description: String {
            let versions = opsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            let writer = [producer, producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
            return "ONNX model \(graph.name.quoted): IR version \(irVersion), operations of \(versions)"
                + (writer.isEmpty ? "" : ", written by \(writer)") + "; \(graph.size)"
        }

        /// The description and, line by line, the inputs, outputs, initializers, nodes and functions.
        ///
        /// Graphs within nodes follow these, further in.
        public func describe() -> String {
            var lines = [description] + graph.lines(indent: "")
            for function in functions {
                lines.append(
                    "function \(function.domain).\(function.name)(\(function.inputs.joined(separator: ", "))) -> "
                        + function.outputs.joined(separator: ", "))
                lines += function.nodes.enumerated().flatMap { $1.lines(number: $0, indent: "  ") }
            }
            return lines.joined(separator: "\n")
        }
    }

    extension ONNXGraph {
        fileprivate var size: String {
            "\(counted(nodes.count, "node")), \(counted(initializers.count, "initializer"))"
        }

        fileprivate func lines(indent: String) -> [String] {
            var lines: [String] = []
            func list(_ title: String, _ entries: [String]) {
                if entries.isEmpty { return }
                lines.append("\(indent)\(title)")
                lines += entries.map { "\(indent)  \($0)" }
            }
            list("inputs", inputs.map(\.description))
            list("outputs", outputs.map(\.description))
            list("initializers", initializers.map(\.description))
            lines.append("\(indent)nodes")
            lines += nodes.enumerated().flatMap { $1.lines(number: $0, indent: indent + "  ") }
            return lines
        }
    }

    extension ONNXNode {
        fileprivate func lines(number: Int, indent: String) -> [String] {
            var lines = ["\(indent)\(number) \(self)"]
            for attribute in attributes {
                let graphs: [ONNXGraph] =
                    switch attribute.value {
                    case .graph(let graph): [graph]
                    case .graphs(let graphs): graphs
                    default: []
                    }
                for graph in graphs {
                    lines.append("\(indent)  \(attribute.name): graph \(graph.name.quoted), \(graph.size)")
                    lines += graph.lines(indent: indent + "    ")
                }
            }
            return lines
        }
    }

    /// Such as `1 node` or `2 nodes`.
    func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
#endif
