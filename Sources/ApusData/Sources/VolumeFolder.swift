import ApusCore

/// A volume with the class of each voxel, in a volume of the same shape.
public struct LabelledVolume: Sendable, Equatable {
    /// The scan.
    public var volume: Volume
    /// The label of each voxel.
    public var labels: Volume

    /// A scan with its labels.
    public init(volume: Volume, labels: Volume) { (self.volume, self.labels) = (volume, labels) }

    /// A block at a random place, filled up with zeros at its end where the volume is smaller.
    ///
    /// - Parameter extents: of the block, one for each axis
    public func block(_ extents: [Int], using random: inout RandomSource) throws(ApusError) -> LabelledVolume {
        let shape = volume.values.shape
        guard extents.count == shape.count, extents.allSatisfy({ $0 >= 1 }), labels.values.shape == shape else {
            throw ApusError(
                .shape, in: "volume block",
                "a block of \(extents) of a volume of shape \(shape) with labels of shape \(labels.values.shape)",
                remedy: "give an extent of 1 or more for each axis, and labels of the volume's shape")
        }
        try Memory.check(Shape(extents), .float64, in: "volume block")
        let starts = Swift.zip(shape, extents).map { random.integer(below: max($0 - $1, 0) + 1) }
        return LabelledVolume(
            volume: try volume.block(at: starts, extents), labels: try labels.block(at: starts, extents))
    }

    /// What was measured, moved and scaled to mean 0 and variance 1, `[.., 1]`, and the classes `[..]`, int32.
    public func standardizedSample() throws(ApusError) -> Sample<Tensor, Tensor> {
        let x = try volume.measured()
        let spread = x.standardDeviation()
        let scaled = (x - x.mean()) / (spread + (spread .== 0).cast(to: .float32))
        return Sample(
            input: try scaled.expanded(at: -1).evaluated(),
            target: try Tensor(labels.values).cast(to: .int32).evaluated())
    }
}

extension Volume {
    /// The part that begins at `starts`, filled up with zeros behind the volume's end.
    fileprivate func block(at starts: [Int], _ extents: [Int]) throws(ApusError) -> Volume {
        let (size, shape, source) = (values.elementType.byteCount, values.shape, values.bytes)
        var bytes = [UInt8](repeating: 0, count: extents.reduce(size, *))
        guard let row = extents.last, let width = shape.last, let begin = starts.last else { return self }
        let length = min(row, width - begin) * size
        for index in 0..<extents.dropLast().reduce(1, *) {
            var (rest, from, step, isInside) = (index, begin, width, true)
            for axis in extents.indices.dropLast().reversed() {
                let place = rest % extents[axis] + starts[axis]
                rest /= extents[axis]
                isInside = isInside && place < shape[axis]
                from += place * step
                step *= shape[axis]
            }
            if isInside {
                bytes.replaceSubrange(
                    index * row * size..<index * row * size + length, with: source[from * size..<from * size + length])
            }
        }
        return Volume(
            values: try RawArray(values.elementType, shape: extents, bytes: bytes), spacing: spacing, scale: scale)
    }
}

/// Volumes with volumes of labels, in two folders under equal names.
///
///     let scans = try VolumeFolder(images: "hippocampus/imagesTr", labels: "hippocampus/labelsTr")
public struct VolumeFolder: SampleSource {
    /// The name for listings.
    public let name: String
    /// The names of the files, in order.
    public let names: [String]
    private let folders: (images: String, labels: String)

    /// How many scans there are.
    public var count: Int { names.count }

    /// - Throws: an `ApusError` that names the first volume without labels
    public init(images: String, labels: String) throws(ApusError) {
        let files = try Folder.contents(images).files.filter { $0.hasSuffix(".nii") || $0.hasSuffix(".nii.gz") }
        let others = Set(try Folder.contents(labels).files)
        if let missing = files.first(where: { !others.contains($0) }) {
            throw ApusError(
                .data, in: "volume folder \(images)", "\(missing.quoted) has no labels in \(labels)",
                remedy: "give each volume labels of the same name")
        }
        guard !files.isEmpty else {
            throw ApusError(.data, in: "volume folder \(images)", "it holds no NIfTI files", remedy: "check the path")
        }
        (name, names, folders) = (images, files, (images, labels))
    }

    /// Reads a volume and its labels, which have one shape.
    public func sample(at index: Int) throws(ApusError) -> LabelledVolume {
        try check(index)
        let volume = try NIfTI.read("\(folders.images)/\(names[index])")
        let labels = try NIfTI.read("\(folders.labels)/\(names[index])")
        guard volume.values.shape == labels.values.shape else {
            throw ApusError(
                .shape, in: "NIfTI file \(folders.labels)/\(names[index])",
                "the labels have shape \(labels.values.shape), the volume \(volume.values.shape)",
                remedy: "give labels of their volumes' shapes")
        }
        return LabelledVolume(volume: volume, labels: labels)
    }
}
