import Apus
import TestSupport
import Testing

/// Worked exercises on computation graphs, gradients, edges and tables, through the public interface.
@Suite struct GraphExercises {
    private func number(_ value: Double) -> Tensor { Tensor([value], shape: []) }

    private func near(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        value.map { abs($0 - expected) <= tolerance } ?? false
    }

    /// graph-matrikel-003q29: f = (a b + d)(b + c)
    @Test(arguments: [
        (numbers: [8.0, 0, 1], nodes: [0.0, 5, 1, 5], slopes: [0.0, 13, 5, 1]),
        (numbers: [1, 3, 6], nodes: [3, 8, 9, 72], slopes: [27, 17, 8, 9]),
        (numbers: [4, 5, 6], nodes: [20, 25, 11, 275], slopes: [55, 69, 25, 11]),
    ])
    func valuesAndGradientsOfAGraph(numbers: [Double], nodes: [Double], slopes: [Double]) throws {
        let given = (numbers + [5]).map { number($0) }
        let product = given[0] * given[1]
        let (left, right) = (product + given[3], given[1] + given[2])
        let f = left * right
        let graph = try ComputationGraph(of: f)
        for (tensor, value) in zip([product, left, right, f], nodes) { #expect(near(graph[tensor]?.value, value)) }
        for (tensor, slope) in zip(given, slopes) { #expect(near(graph[tensor]?.derivative, slope)) }
        let reverse = gradient(at: given) { ($0[0] * $0[1] + $0[3]) * ($0[1] + $0[2]) }
        for (tensor, slope) in zip(reverse, slopes) {
            let found: Double = try tensor.item()
            #expect(near(found, slope))
        }
        #expect(graph.nodes.last?.operation == "multiply" && graph.edgeCount == 8)
    }

    /// graph-colah-003q27: e = (a + b)(b + 1)
    @Test func pathsAndEdgesOfAGraph() throws {
        let (a, b, one) = (number(2), number(1), number(1))
        let (c, d) = (a + b, b + one)
        let e = c * d
        let graph = try ComputationGraph(of: e)
        #expect(near(graph[c]?.value, 3) && near(graph[d]?.value, 2) && near(graph[e]?.value, 6))
        #expect(graph[e]?.edges.map(\.derivative) == [2, 3])
        #expect(graph[c]?.edges.map(\.derivative) == [1, 1] && graph[d]?.edges.map(\.derivative) == [1, 1])
        #expect(near(graph[a]?.derivative, 2) && near(graph[b]?.derivative, 5))
        let paths = try graph.derivativeByPaths(from: b)
        #expect(paths.derivative == 5 && paths.paths == 2 && paths.visits == 4)
        #expect(graph.edgeCount == 6)
    }

    /// Paths double with each step, edges grow by two.
    @Test func pathsGrowFasterThanEdges() throws {
        let x = number(1)
        var y = x
        for _ in 0..<10 { y = y + y }
        let graph = try ComputationGraph(of: y)
        let naive = try graph.derivativeByPaths(from: x)
        #expect(naive.paths == 1024 && naive.visits == 10_240 && naive.derivative == 1024)
        #expect(graph.edgeCount == 20 && near(graph[x]?.derivative, 1024))
        y = x
        for _ in 0..<25 { y = y + y }
        let deep = try ComputationGraph(of: y)
        #expect(
            refusal { _ = try deep.derivativeByPaths(from: x) }?.description
                == "ComputationGraph: there are more than 1000000 paths; use backpropagation, which visits each edge once"
        )
        #expect(refusal { _ = try deep.derivativeByPaths(from: Tensor(3.0)) }?.kind == .index)
        #expect(refusal { _ = try ComputationGraph(of: Tensor.ones([2]) * 2) }?.kind == .shape)
    }

    /// numerical-gradient-003q27
    @Test func differencesAndTheirCost() throws {
        let x = Tensor([2.0, 1], shape: [2])
        func e(_ x: Tensor) -> Tensor {
            let (a, b) = (x.slice(axis: 0, 0..<1), x.slice(axis: 0, 1..<2))
            return ((a + b) * (b + 1)).sum()
        }
        let forward: [Double] = try numericalGradient(at: x, step: 1e-4, .forward, e).array()
        #expect(near(forward[1], 5.00009999998774, 1e-7) && near(forward[1], 5 + 1e-4, 1e-7))
        let central: [Double] = try numericalGradient(at: x, step: 1e-4, .central, e).array()
        #expect(near(central[1], 5, 1e-7) && near(central[0], 2, 1e-7))
        #expect(DifferenceRule.forward.evaluations(parameters: 1_536_500) == 1_536_501)
        #expect(DifferenceRule.central.evaluations(parameters: 2) == 4)
        #expect(DifferenceRule.central.evaluations(parameters: .max) == .max)
        var calls = 0
        for rule in DifferenceRule.allCases {
            calls = 0
            _ = try numericalGradient(at: x, rule) {
                calls += 1
                return e($0)
            }
            #expect(calls == rule.evaluations(parameters: 2))
        }
        #expect(throws: ApusError.self) { try numericalGradient(at: x, step: 0, .central, e) }
        #expect(throws: ApusError.self) { try numericalGradient(at: x) { $0 } }
    }

    /// A layer whose gradient uses the weight as it is after the step: the mistake of backprop-old-weights-000t54.
    private final class Hasty: Layer {
        let weight = Parameter(.values(Tensor([-0.5, 1], shape: [2, 1])))
        let bias = Parameter(.values(Tensor([2.0], shape: [1])))

        func forward(_ x: Tensor) -> Tensor {
            let weight = weight.value(shape: [2, 1], dtype: x.dtype)
            let bias = bias.value(shape: [1], dtype: x.dtype)
            let updated = Tensor([-0.5, 0.375], shape: [2, 1]).cast(to: x.dtype)
            return (matmul(x, weight) + bias).stopGradient().withGradient(with: [x, weight, bias]) { dy in
                [matmul(dy, updated.transposed()), matmul(x.transposed(), dy), dy.sum(axes: [0])]
            }.relu()
        }
    }

    @Test func gradientChecksNameTheLayer() throws {
        let hidden = Dense(2, activation: .relu)
        let model = Sequential {
            hidden
            Hasty()
        }
        let (x, target) = (Tensor([3.0, 2, -1], shape: [1, 3]), Tensor([2.0], shape: [1, 1]))
        _ = try model(x).evaluated()
        hidden.weight.value = Tensor([-2.0, 0.5, 2, 1, 0.5, -1], shape: [3, 2])
        hidden.bias?.value = Tensor([1.0, -2], shape: [2])
        let before: [Double] = try hidden.weight.value.array()
        func loss(_ model: Sequential) -> Tensor { 0.5 * Loss.meanSquaredError(model(x), target) }
        let message = refusal { try checkGradients(of: model) { 0.5 * Loss.meanSquaredError($0(x), target) } }
        #expect(message?.description.hasPrefix("gradient check: dense1.weight, element") ?? false)
        let checks = try checkGradients(of: model, tolerance: 1) { 0.5 * Loss.meanSquaredError($0(x), target) }
        #expect(near(checks["dense1.weight"]?.largestError, 0.625, 1e-6))
        #expect(near(checks["dense1.bias"]?.largestError, 0.625, 1e-6))
        #expect(
            near(checks["hasty1.weight"]?.largestError, 0, 1e-6) && near(checks["hasty1.bias"]?.largestError, 0, 1e-6))
        #expect(try hidden.weight.value.array() == before)
        #expect(refusal { try checkGradients(of: Sequential { Flatten() }) { $0(x) } }?.kind == .parameter)
    }

    /// fgsm-000t2
    @Test func aStepAgainstAModelMovesItsScoreByTheNormOfTheWeights() throws {
        let w = Tensor([1.0, -2], shape: [2])
        let x = Tensor([0.5, 0.5], shape: [2])
        let slope = gradient(at: x) { -($0 * w).sum().sigmoid().log() }
        try expectEqual(slope, [2], [-0.622459331201855, 1.24491866240371], tolerance: 1e-9)
        let moved = x + slope.sign() * 0.1
        try expectEqual(moved, [2], [0.4, 0.6])
        func probability(_ x: Tensor) throws -> Double { try (x * w).sum().sigmoid().item() }
        #expect(near(try probability(x), 0.377540668798145))
        #expect(near(try probability(moved), 0.310025518872388))
        #expect(near(try ((moved - x) * w).sum().item(), -0.3))
    }

    /// skip-gradient-001p6
    @Test func skipConnectionsAddOneToTheSlope() throws {
        let x = number(1)
        #expect(near(try gradient(at: x) { ($0 * 0.001).relu() }.item(), 0.001))
        #expect(near(try gradient(at: x) { ($0 * 0.001 + $0).relu() }.item(), 1.001))
        #expect(near(try gradient(at: -x) { ($0 * 0.001 + $0).relu() }.item(), 0))
    }

    private func filtered(_ image: [[Double]], _ kernel: [Double]) -> Tensor {
        let layer = Conv2D(1, kernel: 3, bias: false)
        let x = Tensor(image.flatMap { $0 }, shape: [1, image.count, image[0].count, 1])
        _ = layer(x)
        layer.kernel.value = Tensor(kernel, shape: [3, 3, 1, 1])
        return layer(x)
    }

    /// sobel-003q8
    @Test func edgesAreWhereColoursChange() throws {
        let image = [[Double]](repeating: [0, 0, 0, 1, 1, 1], count: 4)
        try expectEqual(filtered(image, [-1, 0, 1, -2, 0, 2, -1, 0, 1]), [1, 2, 4, 1], [0, 4, 4, 0, 0, 4, 4, 0])
        try expectEqual(
            filtered(image, [-1, -2, -1, 0, 0, 0, 1, 2, 1]), [1, 2, 4, 1], [Double](repeating: 0, count: 8))
        let edges = Tensor(image.flatMap { $0 }, shape: [1, 4, 6, 1]).sobelEdges()
        let across: [Double] = try edges[0, 1, .all, 0, 1].array()
        #expect(across == [0, 0, 4, 4, 0, 0])
    }

    /// kernel-effect-001p9d
    @Test func aKernelOfNegativeNumbersBlursAndInverts() throws {
        let kernel: [Double] = [0, -1, 0, -1, -4, -1, 0, -1, 0]
        let constant = filtered([[Double]](repeating: [Double](repeating: 100, count: 5), count: 5), kernel)
        try expectEqual(constant, [1, 3, 3, 1], [Double](repeating: -800, count: 9))
        #expect(try constant.clipped(0, 255).max().item() == 0)
        let ramp = filtered([[Double]](repeating: [0, 10, 20, 30, 40], count: 5), kernel)
        try expectEqual(ramp, [1, 3, 3, 1], [-80, -160, -240, -80, -160, -240, -80, -160, -240])
        let signed: [[Double]] = [[-1, -1, -1, -1], [-1, 1, 1, -1], [-1, 1, 1, -1], [-1, -1, -1, -1]]
        try expectEqual(filtered(signed, kernel), [1, 2, 2, 1], [-4, -4, -4, -4])
    }

    /// mushroom-encoding-004q2
    @Test func columnsOfATableBecomeInputs() throws {
        let lengths = Tensor([1.5, 0.2, 3, 0.7], shape: [2, 2])
        let kinds = Tensor([4, 9, 0, 2] as [Int32], shape: [2, 2])
        let gills = Tensor([1.0, 0], shape: [2, 1])
        let encoding = CategoryEncoding(10, .oneHot)
        let classes = encoding(kinds).reshaped(to: [2, 20]).cast(to: .float64)
        let row = Tensor.concatenate([lengths, classes, gills], axis: 1)
        #expect(row.shape == [2, 23])
        let end = PredictionTask.binary.output
        #expect(end.units == 1 && end.activation.name == "sigmoid" && end.lossName == "binary cross-entropy")
        #expect(end.reason.contains("Two units with softmax"))
        let output = Dense(end.units)(row)
        #expect(output.shape == [2, 1])
        #expect(try end.loss(output, Tensor([1.0, 0], shape: [2, 1])).item().isFinite)
        // The loss is that of the logits, so that large ones stay exact.
        #expect(near(try end.loss(Tensor([-1000.0], shape: [1, 1]), Tensor([1.0], shape: [1, 1])).item(), 1000))
        #expect(PredictionTask.classes(2).output.units == 2)
        let many = PredictionTask.classes(1000).output
        #expect(many.units == 1000 && many.activation.name == "softmax" && many.lossName == "cross-entropy")
        #expect(PredictionTask.labels(5).output.activation.name == "sigmoid")
        #expect(PredictionTask.regression(3).output.activation.name == "linear")
        #expect(PredictionTask.pixels(4).output.units == 4)
    }

    /// iou-nms-003q40
    @Test func overlappingBoxesOfAClassAreLeftOut() throws {
        let boxes = Tensor([0, 0, 10, 10, 1, 1, 11, 11, 20, 20, 30, 30, 0, 0, 10, 10].map(Double.init), shape: [4, 4])
        let scores = Tensor([0.9, 0.8, 0.7, 0.6], shape: [4])
        let classes = Tensor([0, 0, 0, 1] as [Int32], shape: [4])
        let overlaps: [Double] = try boxIoU(boxes, boxes).array()
        #expect(near(overlaps[1], 0.680672268907563) && overlaps[2] == 0)
        func kept(_ threshold: Double) throws -> [Int] {
            try nonMaximumSuppression(boxes, scores: scores, classes: classes, threshold: threshold).array()
        }
        #expect(try kept(0.5) == [0, 2, 3])
        #expect(try kept(0.7) == [0, 1, 2, 3])
    }
}
