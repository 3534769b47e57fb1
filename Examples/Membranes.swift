import Apus

/// Slices of a nerve cord with masks of the membranes between its cells: random parts of them.
///
///     for batch in try membranes("isbi2012-membrane/train").elements() { ... }   // [4, 256, 256, 1] and [4, 256, 256]
public func membranes(_ folder: String) throws -> Pipeline<Batch> {
    let slices = try MaskFolder(images: "\(folder)/image", masks: "\(folder)/label")
    return try slices.pipeline
        .cache()
        .shuffle(seed: 7)
        // Black is class 0, a membrane; white is class 1, the inside of a cell.
        .map("classes") { try AnnotatedImage($0, values: [0, 255]) }
        .augment(
            [.randomResizedCrop(width: 256, height: 256, area: 0.2...0.5), .horizontalFlip(), .elastic(4)], seed: 3
        )
        .map("sample") { try $0.withMaskAsTarget() }
        .batch(4)
        .prefetch()
}
