import ApusCore

extension AnnotatedImage {
    /// A picture with boxes.
    public init(_ detection: DetectionImage) {
        self.init(
            detection.image,
            objects: detection.boxes.map {
                ImageObject(left: $0.left, top: $0.top, right: $0.right, bottom: $0.bottom, label: $0.label)
            })
    }

    /// A picture with a mask, in which each class has a value of its own.
    ///
    /// - Parameter values: those of the classes in order; by default the values of the mask are the classes
    /// - Throws: an `ApusError` for a value that belongs to no class
    public init(_ masked: MaskedImage, values: [UInt8]? = nil) throws(ApusError) {
        guard let values else {
            self.init(masked.image, mask: masked.mask)
            return
        }
        var classes = [UInt8?](repeating: nil, count: 256)
        for (index, value) in values.enumerated().reversed() { classes[Int(value)] = UInt8(truncatingIfNeeded: index) }
        var pixels = masked.mask.pixels
        for index in pixels.indices {
            guard let number = classes[Int(pixels[index])] else {
                throw ApusError(
                    .data, in: "mask",
                    "pixel \(index) is \(pixels[index]), the classes have the values \(values.map(Int.init))",
                    remedy: "name a value for each class, and keep masks in files without loss")
            }
            pixels[index] = number
        }
        let mask = masked.mask
        self.init(
            masked.image,
            mask: Image(trusted: pixels, width: mask.width, height: mask.height, channels: mask.channels))
    }

    /// The picture as input, and the classes of its pixels as target: `[height, width]`, int32.
    ///
    /// - Throws: an `ApusError` if there is no mask
    public func withMaskAsTarget() throws(ApusError) -> Sample<Image, Tensor> {
        guard let mask else {
            throw ApusError(.data, in: "annotated image", "it has no mask", remedy: "read it with its mask")
        }
        return Sample(
            input: image, target: Tensor(mask.pixels.map { Int32($0) }, shape: [mask.height, mask.width]))
    }
}

/// Pictures with the boxes around their objects, as detectors are trained with.
public struct DetectionBatch: Sendable {
    /// `[batch, height, width, channels]`, from 0 to 1.
    public var images: Tensor
    /// Left, top, right and bottom of each box in pixels: `[batch, most objects, 4]`; 0 where a picture has fewer.
    public var boxes: Tensor
    /// The classes of the objects: `[batch, most objects]`, int32; -1 where a picture has fewer.
    public var labels: Tensor

    /// Pictures with as many boxes each.
    public init(images: Tensor, boxes: Tensor, labels: Tensor) {
        (self.images, self.boxes, self.labels) = (images, boxes, labels)
    }

    /// The number of pictures.
    public var count: Int { images.shape[0] }
}

extension AnnotatedImage: Collatable {
    /// Pictures of one size with their boxes; objects of which nothing is left are left out.
    public static func collated(_ elements: [AnnotatedImage], padding: Double?) throws(ApusError) -> DetectionBatch {
        let images = try Image.collated(elements.map(\.image), padding: padding)
        let objects = elements.map { image in
            image.objects.map { (box: $0.box, label: $0.label) }.filter {
                $0.box.right > $0.box.left && $0.box.bottom > $0.box.top
            }
        }
        let most = objects.map(\.count).max() ?? 0
        var boxes = [Float](repeating: 0, count: elements.count * most * 4)
        var labels = [Int32](repeating: -1, count: elements.count * most)
        for (index, list) in objects.enumerated() {
            for (position, object) in list.enumerated() {
                let sides = [object.box.left, object.box.top, object.box.right, object.box.bottom]
                let row = index * most + position
                for (side, value) in sides.enumerated() { boxes[row * 4 + side] = Float(value) }
                labels[row] = Int32(truncatingIfNeeded: object.label)
            }
        }
        return DetectionBatch(
            images: images, boxes: Tensor(boxes, shape: [elements.count, most, 4]),
            labels: Tensor(labels, shape: [elements.count, most]))
    }
}
