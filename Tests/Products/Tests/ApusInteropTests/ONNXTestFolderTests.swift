import ApusCore
import ApusInterop
import Foundation
import Testing

/// Folders of tests made by hand, and those of ONNX itself with the counts that their description names.
@Suite struct ONNXTestFolderTests {
    @Test func allOfTheSharedTestsAreRead() throws {
        guard let folder = SharedFiles.path("onnx") else { return }
        var files = 1  // the licence
        var (nodes, initializers) = (0, 0)
        var (irVersions, opsets): (Set<Int>, Set<Int>) = ([], [])
        var types: [ONNXElementType: Int] = [:]
        for (part, count) in [("node", 244), ("pytorch-converted", 40)] {
            let tests = try ONNXTestFolder("\(folder)/\(part)")
            #expect(tests.count == count && tests.names == tests.names.sorted())
            for index in 0..<tests.count {
                let test = try tests.test(at: index)
                let graph = test.model.graph
                #expect(test.name == tests.names[index] && test.dataSets.map(\.name) == ["test_data_set_0"])
                let data = test.dataSets[0]
                files += 1 + data.inputs.count + data.outputs.count
                irVersions.insert(test.model.irVersion)
                opsets.insert(try #require(test.model.opsets["ai.onnx"]))
                nodes += nodeCount(graph)
                initializers += graph.initializers.count
                let declared = Array(graph.inputs.prefix(data.inputs.count)) + graph.outputs
                for (value, tensor) in zip(declared, data.inputs + data.outputs) {
                    types[tensor.elementType, default: 0] += 1
                    #expect(fits(tensor, value), "\(test.name): \(tensor) is not \(value)")
                    #expect(try tensor.tensor().shape.extents == tensor.shape)
                }
                // What is not given has an initializer.
                for value in graph.inputs.dropFirst(data.inputs.count) {
                    #expect(try graph.initializer(value.name).error == nil)
                }
            }
        }
        #expect(files == 1116)
        #expect(nodes == 293 && initializers == 40)
        // One model (test_not_2d) is of the first version, the others are as the description says.
        #expect(irVersions == Set(3...10) && opsets == Set([1, 6, 7] + (9...22)))
        #expect(
            types == [
                .float32: 634, .float16: 2, .float64: 17, .uint8: 23, .int8: 3, .uint16: 2, .int16: 3, .int32: 18,
                .int64: 103, .bool: 26,
            ])
        #expect(try ONNXTestFolder(folder).count == 284)
    }

    /// Nodes, with those of graphs within them.
    private func nodeCount(_ graph: ONNXGraph) -> Int {
        graph.nodes.reduce(0) { sum, node in
            node.attributes.reduce(sum + 1) { sum, attribute in
                if case .graph(let inner) = attribute.value { sum + nodeCount(inner) } else { sum }
            }
        }
    }

    private func fits(_ tensor: ONNXTensor, _ value: ONNXValueInfo) -> Bool {
        guard case .tensor(tensor.elementType, let shape?) = value.type, shape.count == tensor.shape.count else {
            return false
        }
        return zip(shape, tensor.shape).allSatisfy { if case .fixed($0.1) = $0.0 { true } else { false } }
    }

    @Test func valuesAreThoseOfTheOperations() throws {
        guard let folder = SharedFiles.path("onnx/node") else { return }
        for (name, operation) in [
            ("test_abs", { $0.absolute() }), ("test_exp", { $0.exp() }), ("test_tanh", { $0.tanh() }),
            ("test_neg", { -$0 }),
        ] as [(String, (Tensor) -> Tensor)] {
            let data = try ONNXTest(folder: "\(folder)/\(name)").dataSets[0]
            let wanted = try data.outputs[0].tensor()
            #expect(try ((operation(try data.inputs[0].tensor()) - wanted).absolute().max()).item() < 1e-5, "\(name)")
        }
    }

    @Test func aBranchIsDescribedUnderItsNode() throws {
        guard let folder = SharedFiles.path("onnx/node/test_if") else { return }
        let text = """
            ONNX model "test_if": IR version 6, operations of ai.onnx 11, written by backend-test; 1 node, 0 initializers
            inputs
              cond: bool []
            outputs
              res: float32 [5]
            nodes
              0 If(cond) -> res  else_branch graph else_body (1 node)  then_branch graph then_body (1 node)
                else_branch: graph "else_body", 1 node, 0 initializers
                  outputs
                    else_out: float32 [5]
                  nodes
                    0 Constant() -> else_out  value float32 [5]
                then_branch: graph "then_body", 1 node, 0 initializers
                  outputs
                    then_out: float32 [5]
                  nodes
                    0 Constant() -> then_out  value float32 [5]
            """
        #expect(try ONNXTest(folder: folder).model.describe() == text)
    }

    private let model = Wire.model(
        .graph("g", nodes: [.node("Neg", ["x"], ["y"])]).message(11, Self.value("x")).message(12, Self.value("y")))
    private let tensor = Wire.tensor("x", type: 1, shape: [1]).data(9, [0, 0, 0, 0])

    private static func value(_ name: String) -> Wire {
        Wire().text(1, name).message(2, Wire().message(1, Wire().number(1, 1)))
    }

    @Test func dataSetsAreFoundInOrder() throws {
        let files = try TestFiles([
            "one/model.onnx": model, "one/test_data_set_0/input_0.pb": tensor,
            "one/test_data_set_0/output_0.pb": tensor,
            "one/test_data_set_10/output_0.pb": tensor, "one/test_data_set_2/output_0.pb": tensor,
            "more/two/model.onnx": model,
        ])
        let tests = try ONNXTestFolder(files.path)
        #expect(tests.names == ["more/two", "one"])
        let test = try tests.test(at: 1)
        #expect(
            test.name == "one"
                && test.dataSets.map(\.name) == ["test_data_set_0", "test_data_set_2", "test_data_set_10"])
        #expect(test.dataSets.map(\.inputs.count) == [1, 0, 0] && test.dataSets[0].outputs[0].name == "x")
        #expect(refusal { _ = try tests.test(at: 0) }?.problem == "it has no data set")
        #expect(refusal { _ = try tests.test(at: 2) }?.problem == "test 2 is wanted, but there are 2")
        #expect(
            refusal { _ = try ONNXTestFolder("\(files.path)/one/test_data_set_0") }?.problem
                == "no folder in it has a model.onnx")
        #expect(refusal { _ = try ONNXTestFolder("\(files.path)/nowhere") }?.kind == .file)
    }

    @Test(arguments: [
        (["input_0.pb"], "it has 0 files output_N.pb for 1 outputs of the model"),
        (["output_0.pb", "input_0.pb", "input_1.pb"], "it has 2 files input_N.pb for 1 inputs of the model"),
        (["output_1.pb"], "its files \"output_1.pb\" are not numbered from 0 on"),
    ])
    func filesMustFitTheModel(names: [String], problem: String) throws {
        let data = Dictionary(uniqueKeysWithValues: names.map { ("t/test_data_set_0/\($0)", tensor) })
        let files = try TestFiles(data.merging(["t/model.onnx": model]) { $1 })
        #expect(refusal { _ = try ONNXTest(folder: "\(files.path)/t") }?.problem == problem)
    }

    @Test func sequencesAreRefused() throws {
        let sequence = Wire().text(1, "y").message(
            2, Wire().message(4, Wire().message(1, Wire().message(1, Wire().number(1, 1)))))
        let files = try TestFiles([
            "t/model.onnx": .model(.graph("g").message(12, sequence)), "t/test_data_set_0/output_0.pb": tensor,
        ])
        #expect(
            refusal { _ = try ONNXTest(folder: "\(files.path)/t") }?.problem
                == "the output \"y\" is no tensor, but sequence of float32 [...]")
    }
}

/// Files in a folder that goes with the value.
private final class TestFiles {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-onnx-\(UUID().uuidString)")

    var path: String { folder.path }

    init(_ files: [String: Wire]) throws {
        for (name, wire) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(wire.bytes).write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}
