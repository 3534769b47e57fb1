import ApusCore
import ApusInterop
import Testing

@Suite struct ONNXModelTests {
    private func read(_ wire: Wire) throws -> ONNXModel { try ONNXModel(bytes: wire.bytes, name: "m.onnx") }

    private func message(_ wire: Wire) -> String { refusal { _ = try read(wire) }?.description ?? "" }

    private func attribute(_ name: String, kind: Int) -> Wire { Wire().text(1, name).number(20, kind) }

    private static let weight = Wire.tensor("w", type: 1, shape: [2]).packed(4, [1, 2] as [Float])

    /// A `ValueInfoProto` of a tensor whose axes are symbols, numbers or unknown.
    private func value(_ name: String, type: Int, _ axes: [String]) -> Wire {
        let shape = axes.reduce(Wire()) { shape, axis in
            shape.message(1, Int(axis).map { Wire().number(1, $0) } ?? (axis == "?" ? Wire() : Wire().text(2, axis)))
        }
        return Wire().text(1, name).message(2, Wire().message(1, Wire().number(1, type).message(2, shape)))
    }

    @Test func everythingOfAModelIsRead() throws {
        let body = Wire.graph("body", nodes: [.node("Neg", ["a"], ["b"])])
        let node = Wire.node(
            "Fancy", ["x", "", "w"], ["y"],
            attributes: [
                attribute("alpha", kind: 1).float(2, 0.5), attribute("axis", kind: 2).number(3, -1),
                attribute("mode", kind: 3).text(4, "linear"), attribute("value", kind: 4).message(5, Self.weight),
                attribute("then", kind: 5).message(6, body),
                attribute("scales", kind: 6).packed(7, [1, 2] as [Float]),
                attribute("pads", kind: 7).packed(8, [1, -1]), attribute("names", kind: 8).text(9, "a").text(9, "b"),
                attribute("more", kind: 9).message(10, Self.weight), attribute("cases", kind: 10).message(11, body),
                attribute("kind", kind: 13).message(
                    14, Wire().message(4, Wire().message(1, Wire().message(1, Wire().number(1, 7))))),
                attribute("kinds", kind: 14).message(15, Wire()),
            ]
        ).text(3, "fancy1").text(7, "com.example")
        let graph = Wire.graph("main", nodes: [node], initializers: [Self.weight])
            .message(11, value("x", type: 1, ["batch", "3", "?"])).message(12, value("y", type: 10, []))
            .message(13, Wire().text(1, "z"))
        let function = Wire().text(1, "Twice").text(4, "a").text(5, "b").text(6, "by").text(10, "com.example")
            .message(11, attribute("to", kind: 2).number(3, 2))
            .message(
                7, .node("Add", ["a", "a"], ["b"], attributes: [Wire().text(1, "k").text(21, "by").number(20, 2)]))
        let model = try read(
            .model(graph).text(2, "hand").text(3, "1.0").text(4, "org.example").number(5, 4).text(6, "A test.")
                .message(8, Wire().text(1, "com.example").number(2, 3))
                .message(14, Wire().text(1, "author").text(2, "us")).message(25, function))
        #expect(model.irVersion == 8 && model.producer == "hand" && model.producerVersion == "1.0")
        #expect(model.domain == "org.example" && model.modelVersion == 4 && model.documentation == "A test.")
        #expect(model.opsets == ["ai.onnx": 17, "com.example": 3] && model.metadata == ["author": "us"])
        #expect(model.graph.inputs.map(\.description) == ["x: float32 [batch, 3, ?]"])
        #expect(model.graph.outputs.map(\.type) == [.tensor(.float16, shape: [])])
        #expect(model.graph.values.map(\.description) == ["z: ?"])
        #expect(try model.graph.initializer("w").array(of: Float.self) == [1, 2])
        let fancy = model.graph.nodes[0]
        #expect(fancy.name == "fancy1" && fancy.operation == "Fancy" && fancy.domain == "com.example")
        #expect(fancy.inputs == ["x", "", "w"] && fancy.outputs == ["y"] && fancy.attributes.count == 12)
        #expect(fancy.attribute("alpha") == .float(0.5) && fancy.attribute("axis") == .integer(-1))
        #expect(fancy.attribute("mode") == .text("linear") && fancy.attribute("scales") == .floats([1, 2]))
        #expect(fancy.attribute("pads") == .integers([1, -1]) && fancy.attribute("names") == .texts(["a", "b"]))
        #expect(fancy.attribute("value") == .tensor(model.graph.initializers[0]))
        #expect(fancy.attribute("more") == .tensors(model.graph.initializers))
        #expect(fancy.attribute("kind") == .type(.sequence(.tensor(.int64, shape: nil))))
        #expect(fancy.attribute("kinds") == .types([.unknown]) && fancy.attribute("none") == nil)
        guard case .graph(let inner) = fancy.attribute("then") else {
            Issue.record("no graph")
            return
        }
        #expect(inner.nodes.map(\.description) == ["Neg(a) -> b"] && fancy.attribute("cases") == .graphs([inner]))
        #expect(model.functions[0].nodes[0].attribute("k") == .reference("by"))
        #expect(model.functions[0].defaults.map(\.value) == [.integer(2)])
        let lines = model.describe().split(separator: "\n").map(String.init)
        #expect(
            lines.first
                == "ONNX model \"main\": IR version 8, operations of ai.onnx 17, com.example 3, written by hand 1.0; "
                + "1 node, 1 initializer")
        #expect(
            lines.dropFirst(8).first?.hasPrefix(
                "  0 com.example.Fancy(x, _, w) -> y  alpha 0.5  axis -1  mode \"linear\"") == true)
        #expect(lines.last == "  0 Add(a, a) -> b  k as the caller's by")
        #expect(lines.contains("      nodes") && lines.contains("        0 Neg(a) -> b"))
    }

    @Test func typesAreTold() {
        let tensor = ONNXType.tensor(.float32, shape: [.fixed(2), .symbol("n"), .unknown])
        #expect("\(tensor)" == "float32 [2, n, ?]" && "\(ONNXType.tensor(nil, shape: nil))" == "? [...]")
        #expect("\(ONNXType.optional(.sequence(tensor)))" == "optional sequence of float32 [2, n, ?]")
        #expect("\(ONNXType.map(key: .string, value: tensor))" == "map of string to float32 [2, n, ?]")
        #expect("\(ONNXType.sparseTensor(.int8, shape: []))" == "sparse int8 []")
        #expect("\(ONNXType.opaque(domain: "d", name: "n"))" == "d.n")
        #expect(ONNXElementType.allCases.map(\.description).count == 26 && "\(ONNXElementType.int2)" == "int2")
    }

    @Test func graphsNestOnlySoDeep() throws {
        func nested(_ depth: Int) -> Wire {
            (0..<depth).reduce(Wire.graph("inner")) { graph, _ in
                .graph("g", nodes: [.node("If", attributes: [attribute("then_branch", kind: 5).message(6, graph)])])
            }
        }
        #expect(try read(.model(nested(18))).graph.nodes.count == 1)
        #expect(message(.model(nested(100))).contains("m.onnx: messages are nested more than 64 deep in its"))
        let type = (0..<200).reduce(Wire()) { type, _ in Wire().message(4, Wire().message(1, type)) }
        #expect(message(.model(.graph("g").message(11, Wire().text(1, "x").message(2, type)))).contains("nested"))
    }

    @Test func damageIsNamed() {
        #expect(message(Wire()).contains("m.onnx: it has no version or no graph in its 0 bytes"))
        #expect(message(Wire().number(1, 8)).contains("no version or no graph"))
        #expect(message(Wire().number(1, -3).message(7, .graph("g"))).contains("no version or no graph"))
        #expect(message(Wire().number(1, 8).message(7, .graph("g"))).contains("no version of its operations"))
        #expect(message(.model(.graph("g")).message(8, Wire().number(2, 9))).contains("a second one (entry 1)"))
        #expect(message(.model(.graph("g", nodes: [.node("")]))).contains("node entry 0 names no operation"))
        #expect(
            message(.model(.graph("g", initializers: [Self.weight, Self.weight]))).contains(
                "initializer entry 1 of the graph \"g\" has no name or one that another has"))
        for (wire, problem) in [
            (attribute("", kind: 2), "or one without a name"),
            (attribute("a", kind: 0), "\"a\" of node entry 0 (\"Op\") has no value"),
            (attribute("a", kind: 4), "has no value"), (attribute("a", kind: 99), "of the kind with the number 99"),
            (attribute("a", kind: 11), "is a sparse tensor"), (attribute("a", kind: 3).data(4, [0xff]), "not UTF-8"),
            (attribute("a", kind: 4).message(5, .tensor("t", type: 14, shape: [])), "the type complex64"),
        ] {
            #expect(message(.model(.graph("g", nodes: [.node("Op", attributes: [wire])]))).contains(problem))
        }
        let twice = [attribute("a", kind: 2), attribute("a", kind: 2)]
        #expect(message(.model(.graph("g", nodes: [.node("Op", attributes: twice)]))).contains("two attributes \"a\""))
        #expect(
            message(.model(.graph("g").message(15, Wire()))).contains("1 initializers of the graph \"g\" are sparse"))
        #expect(message(.model(.graph("g").message(11, value("x", type: 77, [])))).contains("the number 77"))
        #expect(
            message(.model(.graph("g").message(11, value("x", type: 1, ["-4"])))).contains("an axis of -4 elements"))
        #expect(
            message(.model(.graph("g").message(11, value("x", type: 1, Array(repeating: "1", count: 65))))).contains(
                "65 axes"))
    }

    @Test func missingInitializersAreNamed() throws {
        let graph = try read(.model(.graph("g", initializers: [Self.weight]))).graph
        #expect(
            refusal { _ = try graph.initializer("v") }?.description
                == "ONNX graph \"g\": it holds no initializer \"v\", but \"w\"; use one of these names")
    }
}
