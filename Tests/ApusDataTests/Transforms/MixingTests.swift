import Apus
import TestSupport
import Testing

@Suite struct MixingTests {
    private static let samples = (0..<40).map { index in
        Sample(
            input: Tensor([Float](repeating: Float(index), count: 6 * 5 * 2), shape: [6, 5, 2]), target: index % 4)
    }

    /// Each sample's probabilities add up to 1, and follow what its input is made of.
    @Test(arguments: [
        BatchMixing.mixUp(alpha: 0.4), .cutMix(), .oneOf([.mixUp(), .cutMix(alpha: 2)]),
    ]) func labelsAreMixedAsInputsAre(_ mixing: BatchMixing) throws {
        let pipeline = try Pipeline(Self.samples).batch(8).mix(mixing, classes: 4, seed: 6)
        #expect(pipeline.stage.description.contains(mixing.description))
        var mixed = 0
        for (number, batch) in try pipeline.elements().enumerated() {
            #expect(batch.inputs.shape == [8, 6, 5, 2] && batch.targets.shape == [8, 4])
            let labels = try batch.targets.array(of: Float.self), inputs = try batch.inputs.array(of: Float.self)
            for sample in 0..<8 {
                let row = Array(labels[sample * 4..<sample * 4 + 4])
                #expect(abs(row.reduce(0, +) - 1) < 1e-6 && row.allSatisfy { $0 >= 0 })
                // The mean pixel is the weighted mean of the two samples that it is made of.
                let own = Float(number * 8 + sample), weight = row[(number * 8 + sample) % 4]
                let mean = inputs[sample * 60..<sample * 60 + 60].reduce(0, +) / 60
                let partners = (0..<8).map { Float(number * 8 + $0) }
                #expect(
                    partners.contains { partner in
                        let share = Int(partner) % 4 == Int(own) % 4 ? nil : weight
                        guard let share else { return abs(row[Int(own) % 4] - 1) < 1e-6 }
                        return abs(share * own + (1 - share) * partner - mean) < 1e-3
                    })
                mixed += weight < 0.99 ? 1 : 0
            }
        }
        #expect(mixed > 5)
        let again = try pipeline.workers(3).elements().map { try $0.inputs.array(of: Float.self) }
        #expect(try again == pipeline.workers(1).elements().map { try $0.inputs.array(of: Float.self) })
        #expect(try again != pipeline.elements(epoch: 1).map { try $0.inputs.array(of: Float.self) })
    }

    @Test func someBatchesStay() throws {
        let source = Pipeline(Self.samples).batch(8)
        let never = try source.mix(.mixUp(), classes: 4, probability: 0, seed: 1).elements()
        #expect(try never[1].inputs.array(of: Float.self) == source.elements()[1].inputs.array(of: Float.self))
        #expect(try never[0].targets.array(of: Float.self).prefix(8) == [1, 0, 0, 0, 0, 1, 0, 0])
        // Weights are mixed as what they belong to.
        let weighed = Self.samples.prefix(4).map {
            Sample(input: $0.input, target: $0.target, weight: Double($0.target))
        }
        let batch = try Pipeline(Array(weighed)).batch(4).mix(.mixUp(alpha: 1), classes: 4, seed: 3).elements()[0]
        let shares = try batch.targets.array(of: Float.self), counts = try #require(batch.weights).array(of: Float.self)
        for (row, count) in counts.enumerated() {
            let expected = (0..<4).reduce(Float(0)) { $0 + Float($1) * shares[4 * row + $1] }
            #expect(abs(count - expected) < 1e-5)
        }
        // Probabilities are mixed again.
        let twice = try source.mix(.mixUp(), classes: 4, seed: 1).mix(.cutMix(), classes: 4, seed: 2).elements()
        #expect(try twice[0].targets.sum(axes: [1]).array(of: Float.self).allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test func whatCantBeMixedIsRefused() throws {
        let source = Pipeline(Self.samples).batch(8)
        #expect(
            refusal { _ = try source.mix(.mixUp(), classes: 3, seed: 1).elements() }?.problem
                == "the label 3 of 3 classes")
        for wrong in [BatchMixing.mixUp(alpha: 0), .cutMix(alpha: .nan), .oneOf([])] {
            #expect(refusal { _ = try source.mix(wrong, classes: 4, seed: 1).elements() }?.kind == .value)
        }
        let rows = Pipeline([Sample(input: [1.0, 2], target: 0)]).batch(1)
        #expect(refusal { _ = try rows.mix(.cutMix(), classes: 1, seed: 1).elements() }?.kind == .shape)
        #expect(refusal { _ = try source.mix(.mixUp(), classes: 0, seed: 1).elements() }?.kind == .shape)
        let strict = LabelRules(data: "counts", allowing: [.color])
        #expect(refusal { _ = try source.mix(.mixUp(), classes: 4, keeping: strict, seed: 1) }?.kind == .data)
    }

    @Test func mosaicsKeepObjectsMasksAndPoints() throws {
        let pictures = try (0..<9).map { index in
            var picture = try AnnotatedImageTests.rectangle(
                width: 60 + index, height: 50, left: 10, top: 8, right: 50, bottom: 44)
            picture.objects[0].label = index
            picture.objects[0].maskValue = 1
            return picture
        }
        let pipeline = try Pipeline(pictures).mosaic(width: 64, height: 72, seed: 5)
        let mosaics = try pipeline.workers(1).elements()
        #expect(mosaics.count == 9 && pipeline.stage.description == "map \"mosaic 64 x 72\" (with 3 others, seed 5)")
        for (index, mosaic) in mosaics.enumerated() {
            let mask = try #require(mosaic.mask)
            #expect(mosaic.image.width == 64 && mosaic.image.height == 72 && mosaic.keyPoints.count == 8)
            #expect(mosaic.objects.contains { $0.label == index } && (1...4).contains(mosaic.objects.count))
            for object in mosaic.objects {
                let value = try #require(object.maskValue)
                let places = mask.pixels.indices.filter { mask.pixels[$0] == value }
                let columns = places.map { $0 % 64 }, rows = places.map { $0 / 64 }
                #expect(object.box.left == Double(columns.min() ?? -1) && object.box.top == Double(rows.min() ?? -1))
                #expect(object.box.right == Double((columns.max() ?? -1) + 1))
                // Bright where the mask is, but for the interpolated border.
                let bright = places.filter { mosaic.image.pixels[$0] > 120 }.count
                #expect(Double(bright) >= 0.93 * Double(places.count))
            }
            #expect(Set(mosaic.objects.map(\.maskValue)).count == mosaic.objects.count)
        }
        #expect(try pipeline.workers(4).elements().map(\.image) == mosaics.map(\.image))
        #expect(try pipeline.elements(epoch: 1).map(\.image) != mosaics.map(\.image))
        #expect(
            refusal {
                _ = try Pipeline(pictures).filter { _ in true }.mosaic(width: 64, height: 64, seed: 1).elements()
            }?
            .kind == .unsupported)
        #expect(refusal { _ = try Pipeline(pictures).mosaic(width: 4, height: 64, seed: 1).elements() }?.kind == .value)
    }
}
