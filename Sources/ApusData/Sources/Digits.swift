// Handwritten digits that are drawn instead of downloaded.

import ApusCore

/// Images of handwritten digits, drawn by strokes that vary as handwriting does: a data set for first experiments and
/// for tests that needs no download.
///
///     let digits = try Digits.generate(count: 12_000, seed: 1)
///     digits.train.images         // 10,000 images of 28 x 28 x 1 values from 0 to 255
///     digits.test.labels          // 2,000 labels from 0 to 9
///
/// Each image depends on the seed and its index alone. The task is that of MNIST, about as hard: a linear model errs on
/// about one image in ten, a small convolutional network on less than one in a hundred.
public struct Digits: Sendable {
    /// Images with their labels.
    public struct Part: Sendable, Equatable {
        /// The pixels of all images, one image after the other, row by row; 0 is paper, 255 is ink.
        public let images: [UInt8]
        /// What the images show, from 0 to 9.
        public let labels: [Int32]

        /// The number of images.
        public var count: Int { labels.count }

        /// The images as an array of shape `[count, 28, 28, 1]`.
        public func imageArray() throws(ApusError) -> RawArray {
            try RawArray(.uint8, shape: [count] + Digits.imageShape, bytes: images)
        }

        /// The pixels scaled to 0 to 1.
        public func scaledImages() -> [Float] { images.map { Float($0) * (1 / 255) } }

        /// One image.
        public func image(at index: Int) throws(ApusError) -> Image {
            guard labels.indices.contains(index) else {
                throw ApusError(
                    .index, in: "digits", "image \(index) is asked for, but there are \(count)",
                    remedy: "ask for 0 to \(count - 1)")
            }
            let size = DigitPen.side * DigitPen.side
            return try Image(
                width: DigitPen.side, height: DigitPen.side, channels: 1,
                pixels: [UInt8](images[index * size..<(index + 1) * size]))
        }
    }

    /// The shape of an image: `[height, width, channels]`.
    public static let imageShape = [DigitPen.side, DigitPen.side, 1]

    /// Five sixths of the images, for training.
    public let train: Part
    /// The last sixth, for testing.
    public let test: Part

    /// Draws images, equally many of each digit (up to the last ten).
    public static func generate(count: Int = 12_000, seed: UInt64 = 1) throws(ApusError) -> Digits {
        guard (6...10_000_000).contains(count) else {
            throw ApusError(
                .parameter, in: "digits", "\(count) images are asked for",
                remedy: "ask for 6 to 10000000, of which one in six is for testing")
        }
        let test = count / 6
        return Digits(
            train: draw(0..<count - test, seed: seed), test: draw(count - test..<count, seed: seed))
    }

    /// Draws the images of some indices; the same index under the same seed is always the same image.
    package static func draw(_ indices: Range<Int>, seed: UInt64) -> Part {
        let size = DigitPen.side * DigitPen.side
        var labels: [Int32] = []
        labels.reserveCapacity(indices.count)
        let images = [UInt8](unsafeUninitializedCapacity: indices.count * size) { buffer, initialized in
            for (position, index) in indices.enumerated() {
                let pixels = UnsafeMutableBufferPointer(rebasing: buffer[position * size..<(position + 1) * size])
                labels.append(Int32(DigitPen.draw(seed: seed, index: index, into: pixels)))
            }
            initialized = indices.count * size
        }
        return Part(images: images, labels: labels)
    }
}
