import ApusCore
import ApusNN
import TestSupport
import Testing

/// What preprocessing layers do beyond what the battery checks.
@Suite struct PreprocessingTests {
    private func images(_ count: Int = 64) -> Tensor {
        var random = TestRandom(3)
        return random.tensor([count, 6, 5, 3], 0...1)
    }

    private func values(_ x: Tensor) throws -> [Double] { try x.array() }

    /// The largest difference of each image from another batch's.
    private func distances(_ a: Tensor, _ b: Tensor) throws -> [Double] {
        try (a - b).absolute().max(axes: [1, 2, 3]).array()
    }

    @Test func eachImageIsMirroredByItsOwnChance() throws {
        let x = images()
        let y = withMode(.training, seed: 1) { RandomFlip(.horizontal)(x) }
        let (kept, flipped) = (try distances(y, x), try distances(y, x.flippedHorizontally()))
        #expect(zip(kept, flipped).allSatisfy { $0 == 0 || $1 == 0 })
        let count = kept.filter { $0 == 0 }.count
        #expect((16...48).contains(count))
        #expect(try difference(RandomFlip()(x), x) == 0)
    }

    @Test func windowsComeFromAllPlaces() throws {
        let rows = Tensor.range(count: 6, dtype: .float64).reshaped(to: [1, 6, 1, 1]) * 10
        let x = (rows + Tensor.range(count: 5, dtype: .float64).reshaped(to: [1, 1, 5, 1])).broadcast(to: [64, 6, 5, 1])
        let y = withMode(.training, seed: 1) { RandomCrop([4, 3])(x) }
        let first = try values(y.slice(axis: 1, 0..<1).slice(axis: 2, 0..<1))
        #expect(Set(first) == Set([0, 1, 2, 10, 11, 12, 20, 21, 22]))
        let inside = try values(y.slice(axis: 1, 3..<4).slice(axis: 2, 2..<3))
        #expect(zip(first, inside).allSatisfy { $1 - $0 == 32 })
        #expect(try values(RandomCrop([4, 3])(x))[0] == 11)
        #expect(CenterCrop([12, 3])(x).shape == [64, 12, 3, 1])
    }

    /// Warps of known amount agree with the functions of known angle.
    @Test func warpsAgreeWithTheirFunctions() throws {
        let x = images(2)
        func trained(_ layer: some Layer) -> Tensor { withMode(.training, seed: 1) { layer(x) } }
        let turned = trained(RandomRotation(0.1...0.1, border: .zeros))
        #expect(try difference(turned, x.rotated(degrees: 36)) < 1e-12)
        let moved = trained(RandomTranslation(height: 0.5...0.5, width: 0.2...0.2, border: .zeros, fill: 0.5))
        #expect(try difference(moved, x.affinelyWarped(translation: ImagePoint(1, 3), fill: 0.5)) < 1e-12)
        let zoomed = trained(RandomZoom(height: -0.5 ... -0.5, border: .zeros))
        #expect(try difference(zoomed, x.affinelyWarped(scale: 2)) < 1e-12)
        let same = trained(RandomPerspective(0))
        #expect(try difference(same, x) < 1e-12)
        let wrapped = trained(RandomTranslation(height: 0.5...0.5, width: 0.2...0.2, border: .wrap))
        #expect(try difference(wrapped, x.rolled(3, axis: 1).rolled(1, axis: 2)) < 1e-12)
        #expect(try difference(trained(RandomElasticTransform(strength: 0)), x) < 1e-12)
        #expect(try difference(trained(RandomShear(x: 0...0, y: 0...0)), x) < 1e-12)
    }

    @Test func elasticDeformationMovesByItsStrength() throws {
        let x = images(2)
        let moved = x.elasticallyDeformed(strength: 3, sigma: 1, seed: 4)
        #expect(moved.shape == x.shape)
        #expect(try difference(moved, x) > 0.01)
        #expect(try difference(moved, x.elasticallyDeformed(strength: 3, sigma: 1, seed: 4)) == 0)
        let shift = Tensor(repeating: 1, shape: [1, 6, 5, 2], dtype: .float64)
        #expect(try difference(x.displaced(by: shift), x.affinelyWarped(translation: ImagePoint(-1, -1))) < 1e-12)
        #expect(x.elasticallyDeformed(sigma: 0, seed: 1).error?.kind == .value)
        #expect(x.displaced(by: Tensor.zeros([1, 6, 4, 2], dtype: .float64)).error?.kind == .shape)
        #expect(x.warped(by: Tensor.zeros([3, 8], dtype: .float64)).error?.kind == .shape)
        try checkGradients(at: [images(1), shift * 0.3], tolerance: 1e-5, sampleLimit: 10) {
            $0[0].displaced(by: $0[1], border: .reflection)
        }
        let maps = Tensor([1.1, 0.1, -0.3717, 0.0513, 0.9, 0.2131, 0.01, 0.02] as [Double], shape: [1, 8])
        try checkGradients(at: [images(1), maps], tolerance: 1e-5, sampleLimit: 10) {
            $0[0].warped(by: $0[1], border: .wrap)
        }
    }

    @Test func colorsChangeByKnownAmounts() throws {
        let x = images(2)
        func trained(_ layer: some Layer) -> Tensor { withMode(.training, seed: 1) { layer(x) } }
        #expect(try difference(trained(RandomBrightness(0.25...0.25)), (x + 0.25).clipped(0, 1)) < 1e-12)
        #expect(try difference(trained(RandomContrast(0.5...0.5)), x.adjustedContrast(0.5)) < 1e-12)
        #expect(try difference(trained(RandomSaturation(0.5...0.5)), x.adjustedSaturation(0.5)) < 1e-12)
        #expect(try difference(trained(RandomSharpness(2...2)), x.adjustedSharpness(2)) < 1e-12)
        #expect(try difference(trained(RandomColorDegeneration(0...0)), x.grayscale(channels: 3)) < 1e-12)
        #expect(try difference(trained(RandomHue(0.2...0.2)), x.adjustedHue(0.2)) < 1e-12)
        #expect(try difference(trained(RandomInvert(rate: 1)), 1 - x) < 1e-12)
        #expect(try difference(trained(RandomGrayscale(rate: 1)), x.grayscale(channels: 3)) < 1e-12)
        #expect(try difference(trained(RandomPosterization(bits: 2, rate: 1)), x.posterized(bits: 2)) < 1e-12)
        #expect(
            try difference(trained(RandomGaussianBlur(sigma: 1...1)), x.gaussianBlurred(size: 3, sigma: [1])) < 1e-12)
        let none = RandomColorJitter(brightness: 0, contrast: 0, saturation: 0, hue: 0)
        #expect(try difference(trained(none), x) < 1e-12)
    }

    @Test func rectanglesHaveTheirArea() throws {
        let x = Tensor.ones([200, 40, 40, 1], dtype: .float64)
        let y = withMode(.training, seed: 1) { RandomErasing(area: 0.2...0.2, rate: 0.5)(x) }
        let parts = try values(1 - y.mean(axes: [1, 2, 3]))
        let erased = parts.filter { $0 > 0 }
        #expect((70...130).contains(erased.count))
        #expect(erased.allSatisfy { $0 > 0.1 && $0 < 0.22 })
    }

    /// Images and labels are mixed by one weight, and the labels' mass stays 1.
    @Test func labelsAreMixedLikeImages() throws {
        let count = 32
        let labels = Tensor.identity(count, dtype: .float64)
        let x = Tensor.range(count: count, dtype: .float64).reshaped(to: [count, 1, 1, 1]).broadcast(
            to: [count, 16, 16, 1])
        let mixed = withMode(.training, seed: 1) { MixUp(alpha: 1)(x, labels: labels) }
        #expect(try (mixed.labels.sum(axes: [1]) - 1).absolute().max().item() < 1e-12)
        let expected = matmul(mixed.labels, Tensor.range(count: count, dtype: .float64))
        #expect(try difference(mixed.samples.mean(axes: [1, 2, 3]), expected) < 1e-9)
        #expect(try difference(mixed.samples, x) > 0.1)
        let cut = withMode(.training, seed: 1) { CutMix()(x, labels: labels) }
        #expect(try (cut.labels.sum(axes: [1]) - 1).absolute().max().item() < 1e-12)
        let means = matmul(cut.labels, Tensor.range(count: count, dtype: .float64))
        #expect(try difference(cut.samples.mean(axes: [1, 2, 3]), means) < 1e-9)
        // Each pixel is of one of both images.
        let pixels = try values(cut.samples.flattened())
        #expect(pixels.allSatisfy { $0 == $0.rounded() })
        let still = MixUp()(x, labels: labels)
        #expect(try difference(still.samples, x) == 0 && difference(still.labels, labels) == 0)
    }

    @Test func upSamplingInterpolates() throws {
        let x = images(2)
        #expect(try difference(UpSampling2D(2, .bilinear)(x), x.resized(to: [12, 10])) < 1e-14)
        #expect(try difference(UpSampling2D([2, 3], .bicubic())(x), x.resized(to: [12, 15], .bicubic())) < 1e-14)
        #expect(try difference(UpSampling2D(2)(x), x.repeated(2, axis: 1).repeated(2, axis: 2)) == 0)
        #expect(Resizing([3, 4])(images(1).cast(to: .uint8)).dtype == .float32)
    }

    @Test func numbersBecomeBinsAndPlaces() throws {
        let bins = Discretization(edges: [0, 18, 65])
        #expect(
            try bins(Tensor([-5, 0, 17.5, 18, 80] as [Double], shape: [5])).array(of: Int.self) == [0, 1, 1, 2, 3])
        let learnt = Discretization(bins: 4)
        try learnt.adapt(to: Tensor.range(count: 100))
        #expect(learnt.edges == [25, 50, 75])
        let counts = try learnt(Tensor.range(count: 100)).occurrences(length: 4).array(of: Int.self)
        #expect(counts == [25, 25, 25, 25])
        #expect(throws: ApusError.self) { try learnt.adapt(to: Tensor.zeros([0])) }
        let words = Tensor([1, 2, 2, 9] as [Int32], shape: [1, 4])
        #expect(try CategoryEncoding(4)(words).array(of: Float.self) == [0, 1, 1, 0])
        #expect(try CategoryEncoding(4, .count)(words).array(of: Float.self) == [0, 1, 2, 0])
        let lookup = IntegerLookup()
        try lookup.adapt(to: Tensor([7, 5, 5, 7, 3, 5] as [Int32], shape: [6]))
        #expect(lookup.vocabulary == [5, 7, 3])
        #expect(try lookup(Tensor([3, 4, 5, 7, 100] as [Int32], shape: [5])).array(of: Int.self) == [3, 0, 1, 2, 0])
        #expect(try IntegerLookup()(words).array(of: Int.self) == [0, 0, 0, 0])
    }

    @Test func hashesSpreadEvenly() throws {
        let numbers = Tensor.range(count: 10_000, dtype: .int64) - 5000
        let counts = try Hashing(bins: 10)(numbers).occurrences(length: 10).array(of: Int.self)
        #expect(counts.allSatisfy { (850...1150).contains($0) })
        let other = Hashing(bins: 10, salt: 1)(numbers)
        #expect(try (other .!= Hashing(bins: 10)(numbers)).any().item() == 1)
        let pairs = Tensor.stack([numbers, numbers.reversed(axes: [0])], axis: 1)
        let crossed = try HashedCrossing(bins: 10)(pairs).occurrences(length: 10).array(of: Int.self)
        #expect(crossed.allSatisfy { (850...1150).contains($0) })
    }

    @Test func spectrogramsAgreeWithTheirFunctions() throws {
        var random = TestRandom(5)
        let x = random.tensor([2, 200], -1...1)
        let spectrum = x.stft(length: 32, hop: 8)
        #expect(try difference(STFTSpectrogram(length: 32, hop: 8, .real)(x), spectrum.real) == 0)
        #expect(try difference(STFTSpectrogram(length: 32, hop: 8, .imaginary)(x), spectrum.imaginary) == 0)
        #expect(try difference(STFTSpectrogram(length: 32, hop: 8, .angle)(x), spectrum.angle()) == 0)
        #expect(try difference(STFTSpectrogram(length: 32, .magnitude)(x), spectrum.magnitude()) < 1e-12)
        #expect(try difference(STFTSpectrogram(length: 32, .logPower)(x), x.spectrogram(length: 32).log()) < 1e-9)
        let mel = MelSpectrogram(MelFilterBank(bands: 5), length: 32, hop: 8, isInDecibels: false)(x)
        #expect(try difference(mel, x.melSpectrogram(MelFilterBank(bands: 5), length: 32, hop: 8)) == 0)
    }

    @Test func boxesAreOfOneNumber() throws {
        let boxes = Tensor.range(count: 24, dtype: .float32).reshaped(to: [2, 3, 4])
        let more = MaxBoundingBoxes(4)(boxes)
        #expect(try more.slice(axis: 1, 0..<3).array(of: Float.self) == boxes.array())
        #expect(try more.slice(axis: 1, 3..<4).array(of: Float.self) == [Float](repeating: -1, count: 8))
        let labels = Tensor([1, 2, 3, 4, 5, 6] as [Int32], shape: [2, 3])
        #expect(try MaxBoundingBoxes(2)(labels).array(of: Int.self) == [1, 2, 4, 5])
        #expect(try MaxBoundingBoxes(4, fill: 0)(labels).array(of: Int.self) == [1, 2, 3, 0, 4, 5, 6, 0])
    }

    @Test func policiesChangeEachImageInItsOwnWay() throws {
        // One image many times, so that what differs comes from the draws.
        let x = images(1).broadcast(to: [48, 6, 5, 3])
        let y = withMode(.training, seed: 2) { RandAugment(changes: 1, strength: 0.8)(x) }
        let kinds = Set(try values(y.mean(axes: [1, 2, 3])).map { ($0 * 1e6).rounded() })
        #expect(kinds.count > 10)
        let colours = try values(y.flattened())
        #expect(colours.allSatisfy { $0 >= -1e-9 && $0 <= 1 + 1e-9 })
        #expect(try difference(RandAugment()(x), x) == 0)
        #expect(try difference(withMode(.training, seed: 2) { RandAugment(changes: 0)(x) }, x) == 0)
        let mixed = withMode(.training, seed: 2) { AugMix()(x) }
        #expect(try difference(mixed, x) > 0.01)
        #expect(try values(mixed.flattened()).allSatisfy { $0 >= -1e-9 && $0 <= 1 + 1e-9 })
        // The larger alpha, the nearer the mixture to one half of each.
        let even = withMode(.training, seed: 2) { AugMix(chains: 1, depth: 1, strength: 0, alpha: 1e6)(x) }
        #expect(try difference(even, x) < 1)
    }

    /// Without strength most changes are none; those that remain are the ones that have no strength.
    @Test func changesWithoutStrengthAreNone() throws {
        let x = images(14)
        let pass = ForwardPass(mode: .training, seed: 1)
        let draws = ImageDraws(pass: pass, images: x)
        let choice = Tensor.range(count: 14, dtype: .int64)
        let none = draws.changed(x, choice: choice, strength: Tensor.zeros([14], dtype: .float64))
        let changed = try distances(none, x)
        func place(_ change: ImageChange) -> Int { change.rawValue }
        for change in ImageChange.allCases where ![.autoContrast, .equalize, .posterize].contains(change) {
            #expect(changed[place(change)] < 1e-9, "\(change)")
        }
        let full = draws.changed(x, choice: choice, strength: Tensor.ones([14], dtype: .float64))
        func only(_ tensor: Tensor, _ change: ImageChange) -> Tensor {
            tensor.slice(axis: 0, place(change)..<place(change) + 1)
        }
        #expect(try distances(full, x)[place(.none)] == 0)
        #expect(try difference(only(full, .posterize), only(x, .posterize).posterized(bits: 4)) < 1e-12)
        #expect(try difference(only(full, .solarize), 1 - only(x, .solarize)) < 1e-12)
        #expect(try difference(only(full, .autoContrast), only(x, .autoContrast).autocontrasted()) < 1e-12)
        #expect(try difference(only(full, .equalize), only(x, .equalize).equalized()) < 1e-12)
        let turned = only(full, .rotate)
        let angles = try [-30.0, 30].map { try difference(turned, only(x, .rotate).rotated(degrees: $0)) }
        #expect(angles.min() ?? 1 < 1e-9)
        let brighter = try [0.1, 1.9].map {
            try difference(only(full, .brightness), only(x, .brightness).adjustedBrightness($0))
        }
        #expect(brighter.min() ?? 1 < 1e-9)
    }
}
