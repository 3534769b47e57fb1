import ApusCore

/// What layers have in common that change images `[batch, height, width, channels]` at random while training, each
/// image in its own way, and pass them through at inference. Colours are floating-point from 0 to 1.
public class RandomImageLayer: Layer {
    /// The probability of an image to be changed.
    public let rate: Double

    init(rate: Double) { self.rate = rate }

    public var details: String { rate == 1 ? "" : "rate \(rate)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try requireImages(x, axes: 2)
        guard x.dtype.isFloatingPoint else {
            throw mistake(
                .type, "images of type \(x.dtype)", remedy: "rescale them to floating-point colours from 0 to 1")
        }
        guard rate >= 0, rate <= 1 else {
            throw mistake(.value, "the rate is \(rate)", remedy: "use a probability from 0 to 1")
        }
        try check()
        guard let pass = trainingPass else { return atInference(x) }
        guard x.shape.count > 0 else { return changed(x, ImageDraws(pass: pass, images: x)) }
        let draws = ImageDraws(pass: pass, images: x)
        let y = changed(x, draws)
        guard rate < 1, y.error == nil, y.shape == x.shape else { return y }
        return Tensor.select(draws.chance(rate).perImage, y, x)
    }

    /// Refuses wrong attributes.
    func check() throws(ApusError) {}

    /// The images as they are changed while training.
    func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x }

    func atInference(_ x: Tensor) -> Tensor { x }

    /// Refuses ranges that are not finite or leave the allowed one.
    func require(_ range: ClosedRange<Double>, in allowed: ClosedRange<Double>, _ name: String) throws(ApusError) {
        guard range.lowerBound >= allowed.lowerBound, range.upperBound <= allowed.upperBound else {
            throw mistake(
                .value, "\(name) is in \(range)",
                remedy: "use numbers in \(allowed.lowerBound)...\(allowed.upperBound)")
        }
    }
}

/// Random numbers for the images of a batch.
package struct ImageDraws {
    let pass: ForwardPass
    let images: Tensor

    package init(pass: ForwardPass, images: Tensor) {
        self.pass = pass
        self.images = images
    }

    /// One number for each image, `[batch]`.
    func uniform(_ range: ClosedRange<Double> = 0...1) -> Tensor {
        let numbers = pass.random(.uniform, [images.shape[0]], images.dtype)
        return (numbers * (range.upperBound - range.lowerBound) + range.lowerBound).cast(to: images.dtype)
    }

    /// True with a probability, for each image, `[batch]`.
    func chance(_ rate: Double) -> Tensor { pass.random(.uniform, [images.shape[0]], images.dtype) .< rate }

    /// Maps for ``Tensor/warped(by:_:border:fill:)`` around the middle of the images:
    /// `x - cx = a (x' - cx) + b (y' - cy) + c`, and alike for y.
    func centredMaps(a: Tensor, b: Tensor, c: Tensor, d: Tensor, e: Tensor, f: Tensor) -> Tensor {
        let (cx, cy) = (Double(images.shape[2] - 1) / 2, Double(images.shape[1] - 1) / 2)
        let zero = a.like(repeating: 0)
        let first: Tensor = c - a * cx - b * cy + cx
        let second: Tensor = f - d * cx - e * cy + cy
        return Tensor.stack([a, b, first, d, e, second, zero, zero], axis: 1)
    }
}

extension Tensor {
    /// `[batch]` in a shape that broadcasts against images.
    var perImage: Tensor { error == nil ? reshaped(to: [shape[0], 1, 1, 1]) : self }
}
