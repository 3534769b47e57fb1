import ApusCore

/// A picture with the number of its class.
public struct LabelledImage: Sendable, Equatable {
    /// The picture.
    public var image: Image
    /// The number of its class.
    public var label: Int
    /// The file that it is from.
    public var path: String

    /// A picture with its class and file.
    public init(image: Image, label: Int, path: String) {
        (self.image, self.label, self.path) = (image, label, path)
    }
}

/// Pictures in folders, one folder a class: `folder/ants/a.jpg`, `folder/bees/b.jpg`.
///
///     let photos = try ImageFolder("hymenoptera/train")
///     photos.classNames                       // ["ants", "bees"]
///     let first = try photos.sample(at: 0)    // decoded when it is asked for
public struct ImageFolder: SampleSource {
    /// The name for listings.
    public let name: String
    /// The names of the folders, in alphabetical order; labels count them.
    public let classNames: [String]
    /// The files, class by class, and the class of each.
    public let files: [(path: String, label: Int)]
    /// Files that are no pictures by their names, or not of the kinds asked for.
    public let ignored: [String]
    private let archive: TarArchive?
    private let entries: [Int]

    /// How many pictures there are.
    public var count: Int { files.count }

    /// - Parameters:
    ///   - path: the folder with the folders of the classes
    ///   - formats: kinds of pictures to read, by the ends of the files' names; others are ignored
    public init(_ path: String, formats: Set<ImageFormat> = Set(ImageFormat.allCases)) throws(ApusError) {
        let folders = try Folder.contents(path).folders
        guard !folders.isEmpty else {
            throw ApusError(
                .data, in: "image folder \(path)", "it holds no folders",
                remedy: "put the pictures of each class into a folder of its own")
        }
        var files: [(String, Int)] = []
        var ignored: [String] = []
        for (label, folder) in folders.enumerated() {
            for file in try Folder.files(under: "\(path)/\(folder)") {
                let full = "\(path)/\(folder)/\(file)"
                if let format = ImageFormat(path: file), formats.contains(format) {
                    files.append((full, label))
                } else {
                    ignored.append(full)
                }
            }
        }
        (name, classNames, self.files, self.ignored) = (path, folders, files, ignored)
        (archive, entries) = (nil, [])
    }

    /// Pictures in the folders of a tar archive.
    ///
    /// - Parameter folder: the folder with the folders of the classes, such as `cifar10/train`
    public init(_ archive: TarArchive, folder: String) throws(ApusError) {
        let prefix = folder.hasSuffix("/") || folder.isEmpty ? folder : folder + "/"
        var found: [(path: String, folder: String, entry: Int)] = []
        var ignored: [String] = []
        for (index, entry) in archive.entries.enumerated() where entry.name.hasPrefix(prefix) {
            let parts = entry.name.dropFirst(prefix.count).split(separator: "/")
            if parts.count == 2, ImageFormat(path: entry.name) != nil {
                found.append((entry.name, String(parts[0]), index))
            } else {
                ignored.append(entry.name)
            }
        }
        let names = Set(found.map(\.folder)).sorted(by: Folder.precedes)
        guard !names.isEmpty else {
            throw ApusError(
                .data, in: archive.place, "the folder \(folder.quoted) holds no folders with pictures",
                remedy: "name the folder with the folders of the classes")
        }
        let numbers = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let order = found.indices.sorted {
            let (one, other) = (found[$0], found[$1])
            let labels = (numbers[one.folder] ?? 0, numbers[other.folder] ?? 0)
            return labels.0 != labels.1 ? labels.0 < labels.1 : Folder.precedes(one.path, other.path)
        }
        name = folder
        classNames = names
        files = order.map { (found[$0].path, numbers[found[$0].folder] ?? 0) }
        entries = order.map { found[$0].entry }
        (self.ignored, self.archive) = (ignored, archive)
    }

    /// Reads and decodes a picture, turned upright.
    public func sample(at index: Int) throws(ApusError) -> LabelledImage {
        try check(index)
        let (path, label) = files[index]
        guard let archive else { return LabelledImage(image: try Image(path: path), label: label, path: path) }
        let bytes = archive.bytes(of: archive.entries[entries[index]])
        return LabelledImage(
            image: try Image(decoding: bytes, place: "\(archive.place), file \(path)"), label: label, path: path)
    }

    /// The bytes of a picture's file, for those who decode it themselves.
    public func bytes(at index: Int) throws(ApusError) -> [UInt8] {
        try check(index)
        if let archive { return archive.bytes(of: archive.entries[entries[index]]) }
        return try ByteSource(path: files[index].path, kind: "image file").bytes()
    }

    /// All pictures in one size, in memory. Bad files are treated by the policy, and returned.
    ///
    /// - Parameter channels: 1, 3 or 4
    public func dataset(
        width: Int, height: Int, channels: Int = 3, policy: BadSamplePolicy = .stop
    ) throws(ApusError) -> (data: Dataset, bad: [BadSample]) {
        let (samples, bad) = try samples(policy: policy)
        var pixels: [UInt8] = []
        for sample in samples {
            pixels += try sample.image.resized(width: width, height: height).withChannels(channels).pixels
        }
        let data = try Dataset(
            inputs: Tensor(try RawArray(.uint8, shape: [samples.count, height, width, channels], bytes: pixels)),
            targets: Tensor(samples.map { Int32($0.label) }, shape: [samples.count]), name: name, classNames: classNames
        )
        return (data, bad)
    }
}

/// A picture with a mask of the same size.
public struct MaskedImage: Sendable, Equatable {
    /// The picture.
    public var image: Image
    /// One value a pixel.
    public var mask: Image

    /// A picture with its mask.
    public init(image: Image, mask: Image) { (self.image, self.mask) = (image, mask) }
}

/// Pictures with masks that are pictures too, in two folders under equal names.
///
///     let slices = try MaskFolder(images: "isbi/train/image", masks: "isbi/train/label")
public struct MaskFolder: SampleSource {
    /// The name for listings.
    public let name: String
    /// The names of the files, without their endings, in order.
    public let names: [String]
    private let pairs: [(image: String, mask: String)]

    /// How many pictures there are.
    public var count: Int { pairs.count }

    /// - Throws: an `ApusError` that names the first picture without a mask
    public init(images: String, masks: String) throws(ApusError) {
        func stem(_ file: String) -> String { file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file }
        let files = try Folder.contents(images).files.filter { ImageFormat(path: $0) != nil }
        let candidates = try Folder.contents(masks).files.filter { ImageFormat(path: $0) != nil }
        let masksByName = Dictionary(candidates.map { (stem($0), $0) }, uniquingKeysWith: { first, _ in first })
        var pairs: [(String, String)] = []
        for file in files {
            guard let mask = masksByName[stem(file)] else {
                throw ApusError(
                    .data, in: "image folder \(images)", "\(file.quoted) has no mask in \(masks)",
                    remedy: "give each picture a mask of the same name")
            }
            pairs.append(("\(images)/\(file)", "\(masks)/\(mask)"))
        }
        guard !pairs.isEmpty else {
            throw ApusError(.data, in: "image folder \(images)", "it holds no pictures", remedy: "check the path")
        }
        (name, names, self.pairs) = (images, files.map(stem), pairs)
    }

    /// Reads a picture and its mask; the mask is grey.
    public func sample(at index: Int) throws(ApusError) -> MaskedImage {
        try check(index)
        let image = try Image(path: pairs[index].image)
        let mask = try Image(path: pairs[index].mask).grayscale()
        guard image.width == mask.width, image.height == mask.height else {
            throw ApusError(
                .shape, in: "image file \(pairs[index].mask)",
                "the mask has \(mask.width) x \(mask.height) pixels, the picture \(image.width) x \(image.height)",
                remedy: "give masks of their pictures' sizes")
        }
        return MaskedImage(image: image, mask: mask)
    }
}
