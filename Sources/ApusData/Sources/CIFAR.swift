import ApusCore

/// Reads the binary files of CIFAR-10 and CIFAR-100: a record is one or two labels and the planes of a picture of 32 x 32.
///
///     let data = try CIFAR.read(["data_batch_1.bin"], classNames: try CIFAR.classNames("batches.meta.txt"))
public enum CIFAR {
    /// Pictures and labels of files one behind the other, in memory.
    ///
    /// - Parameter coarseLabels: whether files have a coarse label before the fine one, as those of CIFAR-100
    public static func read(
        _ paths: [String], classNames: [String] = [], coarseLabels: Bool = false, name: String = "cifar"
    ) throws(ApusError) -> Dataset {
        var (pixels, labels): ([UInt8], [Int32]) = ([], [])
        for path in paths {
            let source = try ByteSource(path: path, kind: "CIFAR file")
            let part = try decode(try source.bytes(), coarseLabels: coarseLabels, place: source.place)
            pixels += part.pixels
            labels += part.labels
        }
        return try Dataset(
            inputs: Tensor(try RawArray(.uint8, shape: [labels.count, 32, 32, 3], bytes: pixels)),
            targets: Tensor(labels, shape: [labels.count]), name: name, classNames: classNames)
    }

    /// The pictures `[count, 32, 32, 3]` and labels of a file in memory; `place` stands in error messages.
    public static func decode(
        _ bytes: [UInt8], coarseLabels: Bool = false, place: String = "CIFAR data"
    ) throws(ApusError) -> (pixels: [UInt8], labels: [Int32]) {
        let head = coarseLabels ? 2 : 1
        let record = head + 3072
        guard !bytes.isEmpty, bytes.count % record == 0 else {
            throw ApusError(
                .format, in: place,
                "\(bytes.count) bytes are no whole number of records of \(record) "
                    + "(the last begins at byte \(bytes.count / record * record))",
                remedy: "the file is cut short, or no CIFAR file: copy it again")
        }
        let count = bytes.count / record
        var labels: [Int32] = []
        let pixels = [UInt8](unsafeUninitializedCapacity: count * 3072) { target, initialized in
            bytes.withUnsafeBufferPointer { source in
                for index in 0..<count {
                    let start = index * record + head
                    for pixel in 0..<1024 {
                        for channel in 0..<3 {
                            target[index * 3072 + pixel * 3 + channel] = source[start + channel * 1024 + pixel]
                        }
                    }
                }
            }
            initialized = count * 3072
        }
        let classes = coarseLabels ? 100 : 10
        for index in 0..<count {
            let label = Int32(bytes[index * record + head - 1])
            guard label < classes else {
                throw ApusError(
                    .format, in: place,
                    "record \(index) has the label \(label), but there are \(classes) classes "
                        + "(byte \(index * record + head - 1))",
                    remedy: "the file is damaged, or no CIFAR file: copy it again")
            }
            labels.append(label)
        }
        return (pixels, labels)
    }

    /// The names of the classes, a line each.
    public static func classNames(_ path: String) throws(ApusError) -> [String] {
        try TextFile.lines(path).filter { !$0.isEmpty }
    }
}
