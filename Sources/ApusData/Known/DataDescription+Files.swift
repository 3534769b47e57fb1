import ApusCore

extension DataDescription {
    /// Looks at what a path leads to.
    mutating func addFile(_ path: String, _ limit: Int) throws(ApusError) {
        func ends(_ endings: String...) -> Bool { endings.contains { path.hasSuffix($0) } }
        guard Folder.exists(path) else {
            throw ApusError(
                .name, in: "data set \(path)", "there is no data set and no file of this name",
                remedy: "use a name that \"apus data list\" shows, or the path of a file or folder")
        }
        if ends(".csv", ".tsv", ".csv.gz", ".tsv.gz", ".data") {
            return try add(.table(try CSV.read(path), target: ""), limit)
        }
        if ends(".npy") { return add(arrays: [("array", try Npy.read(path))]) }
        if NamedArrays.endings.contains(where: { path.hasSuffix($0) }) {
            return add(arrays: try NamedArrays.read(path))
        }
        if ends(".nii", ".nii.gz") { return add(arrays: [("volume", try NIfTI.read(path).values)]) }
        if ends(".tar", ".tar.gz", ".tgz") { return add(try TarArchive(path: path)) }
        if let listing = try? Folder.contents(path) {
            return try addFolder(path, listing.files, listing.folders, limit)
        }
        if ImageFormat(path: path) != nil { return add(picture: try Image(path: path), limit) }
        try add(.text(try TextFile.read(path)), limit)
    }

    private mutating func addFolder(
        _ path: String, _ files: [String], _ folders: [String], _ limit: Int
    ) throws(ApusError) {
        if folders.contains("Annotations") {
            return try add(.boxes(try VOCDetection(folder: path, policy: .skip)), limit)
        }
        if files.contains(where: { $0.contains("idx3-ubyte") }) {
            let data = try DataCatalog.idxFolder(path, name: path)
            return try add(.labelled(train: data.train, test: data.test), limit)
        }
        guard !folders.isEmpty || files.isEmpty else {
            throw ApusError(
                .data, in: "data set \(path)",
                "the folder holds files without classes, such as \(Array(files.prefix(3)).listed)",
                remedy: "describe one of these files, or put the pictures of each class into a folder of its own")
        }
        let images = try ImageFolder(path)
        try add(.images(train: images, test: images), limit)
    }

    private mutating func add(_ archive: TarArchive) {
        describe(kind: "archive", parts: [("files", archive.entries.count)])
        var counts: [String: Int] = [:]
        for entry in archive.entries {
            let folder = entry.name.split(separator: "/").dropLast().joined(separator: "/")
            counts[folder.isEmpty ? "." : folder, default: 0] += 1
        }
        // Archives of very many folders would fill the screen.
        for (folder, count) in counts.sorted(by: { $0.key < $1.key }).prefix(50) {
            describe(column: Column(name: folder, type: "\(count) files", missing: 0, range: nil, distinct: nil))
        }
    }

    private mutating func add(arrays: [(name: String, array: RawArray)]) {
        let values = arrays.reduce(0) { $0 + $1.array.count }
        describe(kind: arrays.count == 1 ? "array" : "arrays", parts: [("arrays", arrays.count), ("values", values)])
        for (name, array) in arrays {
            let numbers = array.doubles
            let low = numbers.lazy.filter { !$0.isNaN }.min()
            let high = numbers.lazy.filter { !$0.isNaN }.max()
            describe(
                column: Column(
                    name: name, type: "\(array.elementType.rawValue) \(array.shape)",
                    missing: numbers.count { $0.isNaN },
                    range: low.flatMap { low in high.map { low...$0 } }, distinct: nil))
        }
    }
}

extension Image {
    /// The picture with outlines of rectangles, of a colour for each class.
    func outlined(_ boxes: [LabelledBox], thickness: Int) -> Image {
        let colours: [[UInt8]] = [
            [230, 40, 40], [40, 90, 230], [30, 170, 60], [240, 190, 20], [170, 40, 200], [0, 190, 200],
        ]
        let picture = rgb()
        var pixels = picture.pixels
        for box in boxes {
            let colour = colours[box.label % colours.count]
            let (left, right) = (Int(max(0, box.left)), min(width - 1, Int(min(box.right, Double(width)))))
            let (top, bottom) = (Int(max(0, box.top)), min(height - 1, Int(min(box.bottom, Double(height)))))
            guard left <= right, top <= bottom else { continue }
            for y in top...bottom {
                for x in left...right
                where min(x - left, right - x, y - top, bottom - y) < thickness {
                    for channel in 0..<3 { pixels[(y * width + x) * 3 + channel] = colour[channel] }
                }
            }
        }
        return Image(trusted: pixels, width: width, height: height, channels: 3)
    }

    /// A plane of a volume in the middle of its last axis, from its smallest value in black to its largest in white.
    static func middle(of volume: Volume) throws(ApusError) -> Image? {
        let shape = volume.values.shape
        guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else { return nil }
        let values = volume.values.doubles
        let plane = (0..<shape[1]).flatMap { y in
            (0..<shape[0]).map { x in values[(x * shape[1] + y) * shape[2] + shape[2] / 2] }
        }
        guard let low = plane.min(), let high = plane.max(), low.isFinite, high.isFinite else { return nil }
        let pixels = plane.map { UInt8(high > low ? (255 * ($0 - low) / (high - low)).rounded() : 0) }
        return try Image(width: shape[0], height: shape[1], channels: 1, pixels: pixels)
    }
}
