import Apus
import ApusCore
import ApusNN
import Foundation
import TestSupport
import Testing

/// Weights of other libraries and of other models.
@Suite struct ForeignWeightsTests {
    private let folder = TemporaryFolder()

    /// Numbers that count up.
    private func counted(_ shape: [Int], from start: Int = 0) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map { Float($0 + start) }, shape: Shape(shape))
    }

    private func write(_ arrays: [(String, Tensor)], metadata: [String: String] = [:]) throws -> String {
        let path = folder.file("weights.safetensors")
        try Safetensors.write(try arrays.map { ($0, try $1.rawArray()) }, metadata: metadata, to: path)
        return path
    }

    private func network() throws -> Sequential {
        let model = Sequential {
            Conv2D(4, kernel: 3, bias: false).named("conv")
            BatchNorm().named("norm")
            Flatten()
            Dense(5).named("head")
        }
        try model.build(inputShape: [1, 4, 4, 2])
        return model
    }

    private func torchArrays() -> [(String, Tensor)] {
        [
            ("net.conv.weight", counted([4, 2, 3, 3])), ("net.norm.weight", counted([4], from: 10)),
            ("net.norm.bias", counted([4], from: 20)), ("net.norm.running_mean", counted([4], from: 30)),
            ("net.norm.running_var", counted([4], from: 40)),
            ("net.norm.num_batches_tracked", Tensor([7] as [Int64], shape: [])),
            ("fc.weight", counted([5, 16])), ("fc.bias", counted([5])),
        ]
    }

    private let rules = [NameRule("net.**", "**"), NameRule("fc.*", "head.*")]

    @Test func torchNamesAndLayoutsAreTurned() throws {
        let model = try network()
        let path = try write(torchArrays(), metadata: ["origin": "elsewhere"])
        let report = try model.load(from: path, as: .torch, renaming: rules)
        #expect(report.isComplete && report.loaded.count == 7 && report.metadata == ["origin": "elsewhere"])
        #expect(report.description == "7 parameters loaded")
        let kernel: [Float] = try #require(model.parameter(at: "conv.kernel")).value.array()
        // kernel[y, x, in, out] is weight[out, in, y, x].
        for (y, x, i, o) in [(0, 0, 0, 0), (2, 1, 1, 3), (1, 2, 0, 2)] {
            #expect(kernel[((y * 3 + x) * 2 + i) * 4 + o] == Float(((o * 2 + i) * 3 + y) * 3 + x))
        }
        let weight: [Float] = try #require(model.parameter(at: "head.weight")).value.array()
        #expect(weight[3 * 5 + 2] == Float(2 * 16 + 3))
        for (name, first) in [("scale", 10), ("shift", 20), ("mean", 30), ("variance", 40)] {
            let values: [Float] = try #require(model.parameter(at: "norm.\(name)")).value.array()
            #expect(values == (0..<4).map { Float(first + $0) })
        }
    }

    /// Layers with these weights give what PyTorch's formulas give.
    @Test func everyKindOfLayerHasItsLayout() throws {
        let model = Sequential {
            TransposedConv2D(3, kernel: 2, stride: 2).named("up")
            DepthwiseConv2D(kernel: 3, multiplier: 2, bias: false).named("depthwise")
            GroupNorm(2).named("group")
            PReLU().named("prelu")
        }
        try model.build(inputShape: [1, 4, 4, 2])
        let path = try write([
            ("up.weight", counted([2, 3, 2, 2])), ("up.bias", counted([3])),
            ("depthwise.weight", counted([6, 1, 3, 3])), ("group.weight", counted([6])),
            ("group.bias", counted([6])), ("prelu.slope", try #require(model.parameter(at: "prelu.slope")).value),
        ])
        try model.load(from: path, as: .torch)
        let up: [Float] = try #require(model.parameter(at: "up.kernel")).value.array()
        // kernel[y, x, out, in] is weight[in, out, y, x].
        #expect(up[((1 * 2 + 0) * 3 + 2) * 2 + 1] == Float(((1 * 3 + 2) * 2 + 1) * 2 + 0))
        let depthwise: [Float] = try #require(model.parameter(at: "depthwise.kernel")).value.array()
        // kernel[y, x, in, multiple] is weight[in * multiplier + multiple, 0, y, x].
        #expect(depthwise[((2 * 3 + 1) * 3 + 2) * 2 + 1] == Float(((2 * 2 + 1) * 3 + 2) * 3 + 1))
    }

    @Test func recurrentLayersHaveTheirNames() throws {
        let model = Sequential {
            Embedding(7, features: 3).named("words")
            LSTM(4, layers: 2, direction: .bidirectional(), biases: .two).named("lstm")
        }
        try model.build(inputShape: [1, 5], dtype: .int32)
        var arrays = [("words.weight", counted([7, 3]))]
        for (layer, inputs) in [(0, 3), (1, 8)] {
            for (way, offset) in [("", 0), ("_reverse", 1000)] {
                arrays.append(("lstm.weight_ih_l\(layer)\(way)", counted([16, inputs], from: offset)))
                arrays.append(("lstm.weight_hh_l\(layer)\(way)", counted([16, 4], from: offset)))
                arrays.append(("lstm.bias_ih_l\(layer)\(way)", counted([16], from: offset)))
                arrays.append(("lstm.bias_hh_l\(layer)\(way)", counted([16], from: offset)))
            }
        }
        let report = try model.load(from: try write(arrays), as: .torch)
        #expect(report.loaded.count == 17)
        let kernel: [Float] = try #require(model.parameter(at: "lstm.backwardCells.1.kernel")).value.array()
        #expect(kernel[5 * 16 + 9] == Float(1000 + 9 * 8 + 5))
    }

    /// PyTorch's formulas of a GRU, computed from the file's arrays as they are.
    @Test func gatesOfGRUsAreReordered() throws {
        let (units, inputs) = (3, 2)
        let model = Sequential { GRU(3).named("gru") }
        try model.build(inputShape: [1, 1, 2], dtype: .float64)
        let arrays = try [[9, 2], [9, 3], [9], [9]].enumerated().map { try numbers(Shape($1), seed: UInt64($0 + 1)) }
        let names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map { "gru.\($0)_l0" }
        let path = try write(zip(names, arrays).map { ($0, $1) })
        #expect(try model.load(from: path, as: .torch).isComplete)
        let x: [Double] = [0.3, -0.7]
        let (wi, wh): ([Double], [Double]) = (try arrays[0].array(), try arrays[1].array())
        let (bi, bh): ([Double], [Double]) = (try arrays[2].array(), try arrays[3].array())
        func step(_ h: [Double]) -> [Double] {
            func drive(_ row: Int, _ weights: [Double], _ bias: [Double], _ v: [Double]) -> Double {
                v.indices.reduce(bias[row]) { $0 + weights[row * v.count + $1] * v[$1] }
            }
            func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
            return (0..<units).map { unit in
                let r = sigmoid(drive(unit, wi, bi, x) + drive(unit, wh, bh, h))
                let z = sigmoid(drive(units + unit, wi, bi, x) + drive(units + unit, wh, bh, h))
                let n = tanh(drive(2 * units + unit, wi, bi, x) + r * drive(2 * units + unit, wh, bh, h))
                return (1 - z) * n + z * h[unit]
            }
        }
        let expected = step(step([0, 0, 0]))
        let y: [Double] = try model(Tensor(x + x, shape: [1, 2, inputs])).array()
        #expect(zip(y, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func joinedProjectionsOfAttentionAreDivided() throws {
        let model = Sequential { MultiHeadAttention(heads: 2).named("attention") }
        try model.build(inputShape: [1, 3, 4])
        let arrays = [
            ("attention.in_proj_weight", counted([12, 4])), ("attention.in_proj_bias", counted([12])),
            ("attention.out_proj.weight", counted([4, 4], from: 100)), ("attention.out_proj.bias", counted([4])),
        ]
        let report = try model.load(from: try write(arrays), as: .torch)
        #expect(report.isComplete && report.loaded.count == 8)
        for (part, name) in ["query", "key", "value"].enumerated() {
            let weight: [Float] = try #require(model.parameter(at: "attention.\(name).weight")).value.array()
            // weight[in, out] is in_proj_weight[part * width + out, in].
            #expect(weight == (0..<16).map { Float((part * 4 + $0 % 4) * 4 + $0 / 4) })
            let bias: [Float] = try #require(model.parameter(at: "attention.\(name).bias")).value.array()
            #expect(bias == (0..<4).map { Float(part * 4 + $0) })
        }
        let output: [Float] = try #require(model.parameter(at: "attention.output.weight")).value.array()
        #expect(output[1] == 104)
        let odd = try write([("attention.in_proj_bias", counted([10]))])
        #expect(
            refusal { try model.load(from: odd, as: .torch, strict: false) }?.problem.hasPrefix(
                "attention.in_proj_bias of shape [10] for") == true)
    }

    @Test func kerasNamesKeepTheirLayout() throws {
        let model = try network()
        let path = try write([
            ("conv.kernel", counted([3, 3, 2, 4])), ("norm.gamma", counted([4])), ("norm.beta", counted([4])),
            ("norm.moving_mean", counted([4])), ("norm.moving_variance", counted([4])),
            ("head.kernel", counted([16, 5])), ("head.bias", counted([5])),
        ])
        #expect(try model.load(from: path, as: .keras).loaded.count == 7)
        let weight: [Float] = try #require(model.parameter(at: "head.weight")).value.array()
        #expect(weight == (0..<80).map(Float.init))
    }

    @Test func whatDoesNotFitIsReported() throws {
        let model = try network()
        let before: [Float] = try #require(model.parameter(at: "conv.kernel")).value.array()
        var arrays = torchArrays()
        arrays[6] = ("fc.weight", counted([6, 16]))
        arrays.remove(at: 2)
        arrays.append(("fc2.weight", counted([2])))
        let path = try write(arrays)
        let error = refusal { try model.load(from: path, as: .torch, renaming: rules) }
        #expect(
            error?.problem
                == "1 not in the file: \"norm.shift\"; 1 not in the model: \"fc2.weight\"; 1 of another shape: "
                + "\"head.weight [16, 6] instead of [16, 5]\"")
        #expect(error?.remedy == "rename with rules, name the convention of the file, or load with strict: false")
        #expect(try model.parameter(at: "conv.kernel")?.value.array() == before)
        let report = try model.load(from: path, as: .torch, renaming: rules, strict: false)
        #expect(!report.isComplete)
        #expect(report.missing == ["norm.shift"] && report.unexpected == ["fc2.weight"])
        #expect(report.misshapen.map(\.parameter) == ["head.weight"])
        #expect(report.misshapen[0].file == [16, 6] && report.misshapen[0].model == [16, 5])
        #expect(report.loaded.map(\.name).contains("net.conv.weight"))
        #expect(try model.parameter(at: "conv.kernel")?.value.array() != before)
    }

    @Test func ownFilesLoadInPartAndInOtherTypes() throws {
        let model = try network()
        let path = folder.file("own.safetensors")
        try model.save(to: path)
        let other = Sequential {
            Conv2D(4, kernel: 3, bias: false).named("stem")
            BatchNorm().named("norm")
        }
        try other.build(inputShape: [1, 4, 4, 2])
        let report = try other.load(
            from: path, as: .apus, renaming: [NameRule("conv.kernel", "stem.kernel")], strict: false)
        #expect(report.missing == [] && report.unexpected == ["head.bias", "head.weight"])
        let half = try write([
            ("conv.kernel", counted([3, 3, 2, 4]).cast(to: .float16)), ("norm.scale", counted([4]).cast(to: .float64)),
        ])
        #expect(try model.load(from: half, as: .apus, strict: false).loaded.count == 2)
        #expect(model.parameter(at: "conv.kernel")?.dtype == .float32)
        let whole = try write([("conv.kernel", counted([3, 3, 2, 4]).cast(to: .int32))])
        #expect(
            refusal { try model.load(from: whole, as: .apus, strict: false) }?.problem
                == "conv.kernel has type int32, the parameter conv.kernel holds numbers")
        let twice = try write([("a.kernel", counted([3, 3, 2, 4])), ("b.kernel", counted([3, 3, 2, 4]))])
        #expect(
            refusal { try model.load(from: twice, as: .apus, renaming: [NameRule("*.kernel", "conv.kernel")]) }?.problem
                == "a.kernel and b.kernel are both for the parameter conv.kernel")
    }

    @Test(arguments: [
        ("layer*.*.conv.weight", "stage*.block*.conv.kernel", "layer1.0.conv.weight", "stage1.block0.conv.kernel"),
        ("*.*", "{2}.{1}", "a.b", "b.a"), ("model.**", "**", "model.a.b", "a.b"),
        ("**.gamma", "**.scale", "a.b.gamma", "a.b.scale"),
        ("*", "x*", "", "x"), ("a*c*", "*-*", "abcd", "b-d"), ("plain", "other", "plain", "other"),
        ("*x", "*", "xxx", "xx"), ("a", "b*", "a", "b"),
    ])
    func rulesRename(_ pattern: String, _ replacement: String, _ name: String, _ expected: String) {
        #expect(NameRule(pattern, replacement).apply(to: name) == expected)
    }

    @Test func rulesLeaveOtherNamesAlone() {
        #expect(NameRule("*.weight", "*.kernel").apply(to: "a.b.weight") == nil)
        #expect(NameRule("a.*", "b.*").apply(to: "c.a.b") == nil)
        // Patterns with many stars stay fast.
        let stars = String(repeating: "**a", count: 40) + "b"
        #expect(NameRule(stars, "").apply(to: String(repeating: "a", count: 400)) == nil)
    }
}
