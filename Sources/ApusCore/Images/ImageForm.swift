extension Tensor {
    /// What the closure builds of images `[.., height, width, channels]` of floating-point numbers or uint8; of images
    /// with so many channels, if given.
    package func onImages(
        _ name: String, channels: Int? = nil, rank expected: ClosedRange<Int> = 3...8,
        _ build: () throws(ApusError) -> Tensor
    ) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            let place = "operation \(name)"
            guard expected.contains(rank), channels.map({ shape[-1] == $0 }) ?? true else {
                let form = expected == 4...4 ? "[batch, height, width, channels]" : "[.., height, width, channels]"
                throw ApusError(
                    .shape, in: place, "shape \(shape)",
                    remedy: "feed images \(form)" + (channels.map { " with \($0) channels" } ?? ""))
            }
            guard dtype.isFloatingPoint || dtype == .uint8 else {
                throw ApusError(
                    .type, in: place, "images of type \(dtype)",
                    remedy: "cast them to uint8 (0 to 255) or a floating-point type (0 to 1)")
            }
            return try build()
        }
    }

    /// The colour of white: 255 in uint8, else 1.
    package var white: Double { dtype == .uint8 ? 255 : 1 }

    /// The colours as numbers to compute with: uint8 as float32.
    package var colorNumbers: Tensor { dtype == .uint8 ? cast(to: .float32) : self }

    /// Numbers within the range of the images' colours and of their type; uint8 is rounded down.
    package func colors(of images: Tensor) -> Tensor { clipped(0, images.white).cast(to: images.dtype) }

    /// One channel of images, as an axis of extent 1.
    package func channel(_ number: Int) -> Tensor { slice(axis: -1, number..<number + 1) }

    /// Numbers for whole images: one for all, or one for each, `[batch]`, in a shape that broadcasts against images.
    package func perImage(of images: Tensor, _ name: String) throws(ApusError) -> Tensor {
        if let error { throw error }
        if rank == 0 { return cast(to: images.dtype) }
        guard rank == 1, images.rank == 4, shape[0] == images.shape[0] else {
            throw ApusError(
                .shape, in: "operation \(name)", "\(shape) numbers for images of shape \(images.shape)",
                remedy: "give one number for all images, or one for each of [batch, height, width, channels]")
        }
        return cast(to: images.dtype).reshaped(to: [shape[0], 1, 1, 1])
    }
}

extension Double {
    /// A scalar tensor that computes with colours of images.
    package func factor(of images: Tensor) -> Tensor { Tensor(repeating: self, shape: [], dtype: images.dtype) }
}
