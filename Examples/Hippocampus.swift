import Apus

/// Scans of heads with a class for each voxel: blocks of one size, cut at random.
///
///     for batch in try hippocampus("hippocampus-nifti").elements() { ... }    // [4, 32, 48, 32, 1] and [4, 32, 48, 32]
public func hippocampus(_ folder: String) throws -> Pipeline<Batch> {
    let scans = try VolumeFolder(images: "\(folder)/imagesTr", labels: "\(folder)/labelsTr")
    return scans.pipeline
        .shuffle(seed: 7)
        // Smaller scans are filled up with zeros.
        .map("block", seed: 3) { scan, random in try scan.block([32, 48, 32], using: &random) }
        .map("standardise") { try $0.standardizedSample() }
        .batch(4)
        .prefetch()
}
