import Apus

/// Pictures of blood with boxes around its cells, turned and mirrored at random.
///
///     for batch in try bloodCells("bccd").elements() { ... }     // images [8, 240, 320, 3], boxes [8, most, 4]
public func bloodCells(_ folder: String) throws -> Pipeline<DetectionBatch> {
    // Two boxes of this data set have no area: the policy leaves them out, and cells.bad names them.
    let cells = try VOCDetection(folder: folder, part: "train", policy: .skip)
    return try cells.pipeline
        .shuffle(seed: 7)
        .map("half size") { try AnnotatedImage($0).resized(width: 320, height: 240) }
        .augment([.horizontalFlip(), .verticalFlip(), .rotation(5)], seed: 3)
        .batch(8)
        .prefetch()
}
