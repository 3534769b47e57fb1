import Apus
import Foundation
import TestSupport
import Testing

/// Losses of sequences against sums over all alignments.
@Suite struct SequenceLossTests {
    private func logProbabilities(_ logits: [Double]) -> [Double] {
        let sum = log(logits.reduce(0) { $0 + exp($1) })
        return logits.map { $0 - sum }
    }

    /// `-log` of the sum over all sequences of classes that read as the labels.
    private func enumerated(_ rows: [[Double]], _ labels: [Int], blank: Int) -> Double {
        let scores = rows.map(logProbabilities)
        var total = 0.0
        func visit(_ frame: Int, _ path: [Int], _ score: Double) {
            guard frame < scores.count else {
                var read: [Int] = []
                for (index, symbol) in path.enumerated() where index == 0 || path[index - 1] != symbol {
                    if symbol != blank { read.append(symbol) }
                }
                if read == labels { total += exp(score) }
                return
            }
            for symbol in scores[frame].indices { visit(frame + 1, path + [symbol], score + scores[frame][symbol]) }
        }
        visit(0, [], 0)
        return -log(total)
    }

    static let cases: [(labels: [Int32], blank: Int)] = [
        ([1, 2], 0), ([1, 1], 0), ([2], 0), ([], 0), ([0, 2], 1), ([0, 1], -1), ([1, 2, 1], 0),
    ]

    @Test(arguments: cases.indices)
    func temporalClassificationSumsOverAlignments(_ index: Int) throws {
        let (labels, blank) = Self.cases[index]
        let logits = try numbers([1, 5, 3], seed: UInt64(index + 1)) * 2
        let flat: [Double] = try logits.array()
        let rows = (0..<5).map { Array(flat[$0 * 3..<$0 * 3 + 3]) }
        let target = Tensor(labels, shape: [1, labels.count])
        let expected = enumerated(rows, labels.map(Int.init), blank: blank < 0 ? blank + 3 : blank)
        try expectEqual(ctcLoss(logits, target, blank: blank), [1], [expected], tolerance: 1e-10)
        try checkGradients(at: [logits]) { ctcLoss($0[0], target, blank: blank).sum() }
    }

    @Test func lengthsLeaveOutFramesAndLabels() throws {
        let logits = try numbers([2, 6, 4], seed: 3)
        let labels = Tensor([Int32(1), 2, 3, 3, 1, -7], shape: [2, 3])
        let (frames, letters) = (Tensor([Int32(4), 6]), Tensor([Int32(2), 1]))
        let losses: [Double] = try ctcLoss(logits, labels, inputLengths: frames, labelLengths: letters).array()
        for (sample, (rows, own)) in [(4, [Int32(1), 2]), (6, [Int32(3)])].enumerated() {
            let alone = ctcLoss(
                logits.slice(axis: 0, sample..<sample + 1).slice(axis: 1, 0..<rows),
                Tensor(own, shape: [1, own.count]))
            #expect(abs(try alone.item() - losses[sample]) < 1e-10)
        }
        // The loss for training finds the lengths from what fills the labels up.
        let padded = Tensor([Int32(1), 2, 0, 3, 0, 0], shape: [2, 3])
        try expectEqual(
            Loss.ctc().reduced(.none)(logits, padded), [2],
            ctcLoss(logits, labels, labelLengths: letters).array())
        try checkGradients(at: [logits]) {
            ctcLoss($0[0], labels, inputLengths: frames, labelLengths: letters).sum()
        }
    }

    @Test func labelsThatDoNotFitAreInfinitelyUnlikely() throws {
        let logits = try numbers([2, 3, 3])
        let labels = Tensor([Int32(1), 1, 1, 2], shape: [2, 2])
        let frames = Tensor([Int32(2), 3])
        let losses: [Double] = try ctcLoss(logits, labels, inputLengths: frames).array()
        #expect(losses[0] == .infinity && losses[1].isFinite)
        let zeroed: [Double] = try ctcLoss(logits, labels, inputLengths: frames, zeroInfinity: true).array()
        #expect(zeroed == [0, losses[1]])
        let x = logits.variable()
        for zeroInfinity in [true, false] {
            let loss = ctcLoss(x, labels, inputLengths: frames, zeroInfinity: zeroInfinity).sum()
            let gradient: [Double] = try gradients(of: loss, withRespectTo: [x])[0].array()
            #expect(gradient[..<9].allSatisfy { $0 == 0 } && gradient[9...].allSatisfy { $0 != 0 && $0.isFinite })
        }
        // A class that can't be.
        let closed = Tensor([0.0, -Double.infinity, 0, 0, 0, -Double.infinity], shape: [1, 2, 3])
        #expect(try ctcLoss(closed, Tensor([Int32(1)], shape: [1, 1])).item() == log(4))
    }

    /// `-log` of the sum over all ways through the lattice.
    private func lattice(_ scores: (Int, Int) -> [Double], _ frames: Int, _ labels: [Int], blank: Int) -> Double {
        func rest(_ t: Int, _ u: Int) -> Double {
            let own = logProbabilities(scores(t, u))
            let across = t + 1 < frames ? rest(t + 1, u) : (u == labels.count ? 1 : 0)
            let down = u < labels.count ? rest(t, u + 1) * exp(own[labels[u]]) : 0
            return across * exp(own[blank]) + down
        }
        return -log(rest(0, 0))
    }

    @Test(arguments: [(1, 0), (1, 2), (3, 0), (4, 3)])
    func transducersSumOverTheLattice(frames: Int, count: Int) throws {
        let logits = try numbers([2, frames, count + 1, 4], seed: 5) * 2
        let labels = (0..<2 * count).map { Int32(1 + ($0 * 2) % 3) }
        let target = Tensor(labels, shape: [2, count])
        let flat: [Double] = try logits.array()
        let expected = (0..<2).map { sample in
            lattice(
                { t, u in
                    let offset = ((sample * frames + t) * (count + 1) + u) * 4
                    return Array(flat[offset..<offset + 4])
                }, frames, labels[sample * count..<(sample + 1) * count].map(Int.init), blank: 0)
        }
        try expectEqual(transducerLoss(logits, target), [2], expected, tolerance: 1e-10)
        try checkGradients(at: [logits]) { transducerLoss($0[0], target).sum() }
    }

    @Test func transducersLeaveOutWhatIsBeyondLengths() throws {
        let logits = try numbers([2, 4, 4, 3], seed: 6)
        let labels = Tensor([Int32(0), 1, -1, 1, 0, 1], shape: [2, 3])
        let losses: [Double] = try transducerLoss(
            logits, labels, inputLengths: Tensor([Int32(3), 4]), labelLengths: Tensor([Int32(2), 3]), blank: -1
        ).array()
        for (sample, (frames, own)) in [(3, [Int32(0), 1]), (4, [Int32(1), 0, 1])].enumerated() {
            let part = logits.slice(axis: 0, sample..<sample + 1).slice(axis: 1, 0..<frames)
                .slice(axis: 2, 0..<own.count + 1)
            let alone = transducerLoss(part, Tensor(own, shape: [1, own.count]), blank: 2)
            #expect(abs(try alone.item() - losses[sample]) < 1e-10)
        }
    }

    @Test func mistakesNameBothSides() {
        let logits = Tensor.zeros([2, 3, 4])
        let labels = Tensor([Int32(1), 2], shape: [2, 1])
        #expect(
            ctcLoss(logits, Tensor([Int32(1), 2])).error?.description
                == "ctcLoss: logits of shape [2, 3, 4] with labels of shape [2] and type int32; "
                + "give logits [batch, frames, classes] of at least one frame and integer labels [batch, labels]")
        #expect(
            ctcLoss(logits, labels, blank: 4).error?.description
                == "ctcLoss: the blank is class 4 of 4; use a number in -4...3")
        #expect(
            ctcLoss(logits, labels, inputLengths: Tensor([Int32(1)])).error?.description
                == "ctcLoss: lengths of shape [1] and type int32 for a batch of 2; give one integer for each sample")
        let late: [(Tensor, String)] = [
            (
                ctcLoss(logits, Tensor([Int32(1), 5], shape: [2, 1])),
                "ctcLoss: index 5 at position 1 is outside 0..<4; use indices from 0 to 3"
            ),
            (
                ctcLoss(logits, labels, inputLengths: Tensor([Int32(1), 9])),
                "ctcLoss: index 9 at position 1 is outside 0..<4; use indices from 0 to 3"
            ),
            (
                ctcLoss(logits, labels, labelLengths: Tensor([Int32(-1), 1])),
                "ctcLoss: index -1 at position 0 is outside 0..<2; use indices from 0 to 1"
            ),
            (
                transducerLoss(Tensor.zeros([1, 2, 2, 3]), Tensor([Int32(7)], shape: [1, 1])),
                "transducerLoss: index 7 at position 0 is outside 0..<3; use indices from 0 to 2"
            ),
        ]
        for (loss, message) in late { #expect(refusal { _ = try loss.array(of: Double.self) }?.description == message) }
        #expect(
            transducerLoss(logits, labels).error?.description
                == "transducerLoss: logits of shape [2, 3, 4] with labels of shape [2, 1] and type int32; "
                + "give logits [batch, frames, labels + 1, classes] of at least one frame and integer labels "
                + "[batch, labels]")
    }

    @Test func aNetworkLearnsToSpell() throws {
        let model = Sequential { Dense(4) }
        let x = Tensor.randomNormal([4, 6, 5], seed: 2)
        let labels = Tensor([Int32(1), 2, 3, 0, 3, 3, 2, 1], shape: [4, 2])
        let trainer = Trainer(model, loss: .ctc(), optimizer: .adam(learningRate: 0.1), seed: 1)
        let first = try trainer.step(inputs: x, targets: labels)
        var last = first
        for _ in 0..<60 { last = try trainer.step(inputs: x, targets: labels) }
        #expect(last < first / 5, "\(first), \(last)")
    }
}
