import ApusCore
import ApusInterop
import Testing

/// Damage to files of ONNX: a value or an error, but no trap, no hang and no memory that the file does not account for.
///
/// `APUS_FUZZ_PARSERS=10000 swift test --filter ONNXFuzzTests` in `Tests/Products` does 10,000 changes of each kind.
@Suite(.serialized) struct ONNXFuzzTests {
    private static let names = ["tensor", "value", "attribute", "graph", "operations of"]

    private static let model = Wire.model(
        .graph(
            "g",
            nodes: [
                .node(
                    "If", ["x"], ["y"],
                    attributes: [
                        Wire().text(1, "then_branch").number(20, 5).message(
                            6, .graph("inner", nodes: [.node("Neg", ["w"], ["y"])])),
                        Wire().text(1, "axes").number(20, 7).packed(8, [0, -1]),
                        Wire().text(1, "value").number(20, 4).message(
                            5, .tensor(type: 7, shape: [2]).packed(7, [3, 4])),
                    ])
            ],
            initializers: [
                .tensor("w", type: 1, shape: [2, 3]).data(9, Array(repeating: 7, count: 24)),
                .tensor("v", type: 22, shape: [5]).data(9, [1, 2, 3]),
                .tensor("s", type: 8, shape: [1]).text(6, "text"),
            ]
        ).message(
            11,
            Wire().text(1, "x").message(
                2, Wire().message(1, Wire().number(1, 1).message(2, Wire().message(1, Wire().text(2, "n"))))))
    ).bytes

    @Test func aModelByHand() {
        FuzzRun.check(Self.model, rounds: 500, name: "ONNX model", names: Self.names) { (bytes) throws(ApusError) in
            try Self.read(bytes)
        }
    }

    @Test(arguments: ["node/test_if", "node/test_lstm_defaults", "pytorch-converted/test_Conv2d_groups_thnn"])
    func aModelOfTheSuite(name: String) throws {
        guard let path = SharedFiles.path("onnx/\(name)/model.onnx") else { return }
        let file = try ByteSource(path: path).bytes()
        FuzzRun.check(file, rounds: 500, name: "model.onnx of \(name)", names: Self.names) {
            (bytes) throws(ApusError) in
            try Self.read(bytes)
        }
    }

    private static func read(_ bytes: [UInt8]) throws(ApusError) {
        let model = try ONNXModel(bytes: bytes)
        _ = model.describe()
        for tensor in model.graph.initializers where tensor.elementType != .string { _ = try tensor.tensor() }
    }

    @Test func aTensorByHand() {
        let file = Wire.tensor("x", type: 3, shape: [2, 3]).packed(5, [1, -2, 3, -4, 5, -6]).bytes
        FuzzRun.check(file, rounds: 500, name: "ONNX tensor", names: Self.names) { (bytes) throws(ApusError) in
            _ = try ONNXTensor(bytes: bytes)
        }
    }

    @Test func aTensorOfTheSuite() throws {
        guard let path = SharedFiles.path("onnx/node/test_add/test_data_set_0/input_0.pb") else { return }
        let file = try ByteSource(path: path).bytes()
        FuzzRun.check(file, rounds: 500, name: "input_0.pb", names: Self.names) { (bytes) throws(ApusError) in
            _ = try ONNXTensor(bytes: bytes)
        }
    }
}
