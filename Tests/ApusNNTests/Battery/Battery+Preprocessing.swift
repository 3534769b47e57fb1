import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    private static let images = "[batch, height, width, channels]"
    private static func wrong(_ layer: String, _ form: String = images) -> String {
        "layer \(layer): an input of shape [4, 4]; feed \(form)"
    }

    private static func image(
        _ name: String, to output: Shape = [8, 5, 4, 3], _ make: @escaping @Sendable () -> any Module
    ) -> LayerCase {
        LayerCase(name, [LayerCase.Input(shape: [8, 5, 4, 3], content: .positive)], to: output, make)
    }

    static let preprocessingCases: [LayerCase] = [
        image("Resizing", to: [8, 7, 3, 3]) { Resizing([7, 3]) }.refusing([4, 4], wrong("Resizing")),
        image("CenterCrop", to: [8, 3, 2, 3]) { CenterCrop([3, 2]) }.refusing([4, 4], wrong("CenterCrop")),
        image("CenterCrop, larger", to: [8, 6, 4, 3]) { CenterCrop([6, 4]) }
            .refusing(
                "layer CenterCrop: a window of [0, 4] of images of shape [8, 5, 4, 3]; give a height and a width in "
                    + "1...65536, and images with pixels"
            ) { CenterCrop([0, 4]) },
        image("Equalization") { Equalization() }.with { $0.isDifferentiable = false }
            .refusing([4, 4], "operation equalized: shape [4, 4]; feed images [.., height, width, channels]"),
        image("AdaptiveEqualization") { AdaptiveEqualization(tiles: [2, 3], limit: 2) }
            .with { $0.isDifferentiable = false }
            .refusing([4, 4], "operation adaptivelyEqualized: shape [4, 4]; feed images [.., height, width, channels]")
            .refusing(
                "operation adaptivelyEqualized: tiles [0, 8], limit 4.0; give numbers of tiles along height and width in "
                    + "1...256, and a finite limit of 0 or more"
            ) { AdaptiveEqualization(tiles: [0, 8]) },
        LayerCase("MaxBoundingBoxes", [3, 5, 4], to: [3, 7, 4]) { MaxBoundingBoxes(7) }
            .refusing([4], "layer MaxBoundingBoxes: an input of shape [4]; feed [batch, boxes, ..]")
            .refusing("layer MaxBoundingBoxes: the number of boxes is -1; use a number in 0...16777216") {
                MaxBoundingBoxes(-1)
            },
        image("AutoContrast") { AutoContrast() }
            .refusing([4, 4], "operation autocontrasted: shape [4, 4]; feed images [.., height, width, channels]"),
        image("Solarization") { Solarization() }
            .refusing([4, 4], "operation solarized: shape [4, 4]; feed images [.., height, width, channels]"),
        LayerCase("STFTSpectrogram", [3, 40], to: [3, 11, 9]) { STFTSpectrogram(length: 16, .magnitude) }
            .refusing([4], "layer STFTSpectrogram: an input of shape [4]; feed [batch, time]")
            .refusing(
                "operation stft: 40 samples for transforms of 128; feed more than 64 samples, or transform without "
                    + "isCentered"
            ) { STFTSpectrogram(length: 128) },
        LayerCase("MelSpectrogram", [3, 40], to: [3, 6, 4]) {
            MelSpectrogram(MelFilterBank(bands: 4), length: 16, hop: 8)
        }
        .refusing([4], "layer MelSpectrogram: an input of shape [4]; feed [batch, time]"),
        LayerCase("Discretization", [3, 5], to: [3, 5]) { Discretization(edges: [-1, 0, 1]) }
            .with { $0.isDifferentiable = false }
            .refusing("layer Discretization: the edges are [1.0, 0.0]; give ascending numbers") {
                Discretization(edges: [1, 0])
            },
        LayerCase("CategoryEncoding", [3, 5], to: [3, 7]) { CategoryEncoding(7) }
            .takingIndices(below: 7).with { $0.isDifferentiable = false }
            .refusing("layer CategoryEncoding: the depth is 0; use a number in 1...16777216") { CategoryEncoding(0) },
        LayerCase("CategoryEncoding, one-hot", [3, 5], to: [3, 5, 7]) { CategoryEncoding(7, .oneHot) }
            .takingIndices(below: 7).with {
                $0.isDifferentiable = false; $0.refusesNothing = true
            },
        LayerCase("CategoryEncoding, counts", [3, 5], to: [3, 7]) { CategoryEncoding(7, .count) }
            .takingIndices(below: 7).with {
                $0.isDifferentiable = false; $0.refusesNothing = true
            },
        LayerCase("Hashing", [3, 5], to: [3, 5]) { Hashing(bins: 9) }
            .takingIndices(below: 100).with { $0.isDifferentiable = false }
            .refusing("layer Hashing: the number of bins is 0; use a number in 1...2147483648") { Hashing(bins: 0) },
        LayerCase("HashedCrossing", [3, 5, 2], to: [3, 5]) { HashedCrossing(bins: 9) }
            .takingIndices(below: 100).with { $0.isDifferentiable = false }
            .refusing([4, 4], "layer HashedCrossing: an input of shape [4, 4]; feed pairs [.., 2]"),
        LayerCase("IntegerLookup", [3, 5], to: [3, 5]) { IntegerLookup([4, 1, 3]) }
            .takingIndices(below: 6).with { $0.isDifferentiable = false }
            .refusing("layer IntegerLookup: the vocabulary names an integer twice; name each once") {
                IntegerLookup([4, 4])
            },
    ]

    /// A layer that changes images in training alone.
    private static func random(
        _ name: String, to output: Shape = [8, 5, 4, 3], _ make: @escaping @Sendable () -> any Module
    ) -> LayerCase {
        image(name, to: output, make).random().with { $0.gradientTolerance = 1e-5 }
    }

    static let randomImageCases: [LayerCase] = [
        random("RandomFlip") { RandomFlip() }.refusing([4, 4], wrong("RandomFlip")),
        random("RandomCrop", to: [8, 3, 2, 3]) { RandomCrop([3, 2]) }
            .refusing("layer RandomCrop: the size is [0, 2]; give a height and a width in 1...65536") {
                RandomCrop([0, 2])
            },
        random("RandomTranslation") { RandomTranslation(height: 0.3, width: 0.2) }
            .refusing("layer RandomTranslation: the part of the height is in -2.0...2.0; use numbers in -1.0...1.0") {
                RandomTranslation(height: 2, width: 0)
            },
        random("RandomRotation") { RandomRotation(0.1) }
            .refusing("layer RandomRotation: the part of a turn is in -inf...inf; use numbers in -1.0...1.0") {
                RandomRotation(.nan)
            },
        random("RandomZoom") { RandomZoom(0.2) }
            .refusing("layer RandomZoom: the part of the height is in -1.0...1.0; use numbers in -0.99...10.0") {
                RandomZoom(1)
            },
        random("RandomShear") { RandomShear(x: 0.2, y: 0.1, border: .wrap) }
            .refusing("layer RandomShear: the slant along x is in -2.0...2.0; use numbers in -1.0...1.0") {
                RandomShear(x: 2)
            },
        random("RandomPerspective") { RandomPerspective(0.2, fill: 1) }
            .refusing("layer RandomPerspective: the strength is 0.5; use a number in 0...0.49") {
                RandomPerspective(0.5)
            },
        random("RandomElasticTransform") { RandomElasticTransform(strength: 2, sigma: 1) }
            .refusing(
                "layer RandomElasticTransform: strength 1.0, sigma 0.0; use a finite strength and a sigma above 0 of up "
                    + "to 256 pixels"
            ) { RandomElasticTransform(strength: 1, sigma: 0) },
        random("RandomErasing") { RandomErasing(area: 0.2...0.5, rate: 1) }
            .refusing("layer RandomErasing: the area is in -1.0...0.5; use numbers in 0.0...1.0") {
                RandomErasing(area: -1...0.5)
            },
        random("RandomBrightness") { RandomBrightness() }
            .refusing("layer RandomBrightness: the rate is 2.0; use a probability from 0 to 1") {
                RandomBrightness(rate: 2)
            },
        random("RandomContrast") { RandomContrast() }
            .refusing("layer RandomContrast: the factor is in -1.0...1.0; use numbers in 0.0...256.0") {
                RandomContrast(-1...1)
            },
        random("RandomSaturation") { RandomSaturation() }.refusing([4, 4], wrong("RandomSaturation")),
        random("RandomSharpness") { RandomSharpness() }.refusing([4, 4], wrong("RandomSharpness")),
        random("RandomColorDegeneration") { RandomColorDegeneration() }
            .refusing("layer RandomColorDegeneration: the factor is in -inf...inf; use numbers in 0.0...1.0") {
                RandomColorDegeneration(2)
            },
        random("RandomHue") { RandomHue() }
            .refusing("layer RandomHue: the turn is in -1.0...1.0; use numbers in -0.5...0.5") { RandomHue(1) },
        random("RandomGrayscale") { RandomGrayscale(rate: 0.5) }.refusing([4, 4], wrong("RandomGrayscale")),
        random("RandomInvert") { RandomInvert() }.refusing([4, 4], wrong("RandomInvert")),
        random("RandomPosterization") { RandomPosterization() }.with { $0.isDifferentiableInTraining = false }
            .refusing("layer RandomPosterization: the number of bits is 0; use a number in 1...8") {
                RandomPosterization(bits: 0)
            },
        random("RandomColorJitter") { RandomColorJitter() }.refusing([4, 4], wrong("RandomColorJitter")),
        random("RandomGaussianBlur") { RandomGaussianBlur(sigma: 0.5...1) }
            .refusing("layer RandomGaussianBlur: the size is 2; use an odd number in 1...255") {
                RandomGaussianBlur(size: 2)
            },
        random("RandAugment") { RandAugment() }.with { $0.isDifferentiableInTraining = false }
            .refusing("layer RandAugment: the number of changes is -1; use a number in 0...64") {
                RandAugment(changes: -1)
            }
            .refusing("layer RandAugment: the strength is nan; use a number in 0...1") {
                RandAugment(strength: .nan)
            },
        random("AugMix") { AugMix(chains: 2, depth: 2) }.with { $0.isDifferentiableInTraining = false }
            .refusing("layer AugMix: alpha is 0.0; use a number above 0 of up to 1000000") { AugMix(alpha: 0) }
            .refusing("layer AugMix: the number of chains is 0; use a number in 1...16") { AugMix(chains: 0) },
        LayerCase("MixUp", [8, 3], to: [8, 3]) { MixUp() }.random()
            .refusing("layer MixUp: alpha is 0.0; use a number above 0 of up to 1000000") { MixUp(alpha: 0) },
        random("CutMix") { CutMix() }.refusing([4, 4], wrong("CutMix")),
    ]
}
