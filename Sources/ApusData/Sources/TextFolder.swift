import ApusCore

/// A text with the number of its class.
public struct LabelledText: Sendable, Equatable {
    /// The text.
    public var text: String
    /// The number of its class.
    public var label: Int
    /// The file that it is from.
    public var path: String

    /// A text with its class and file.
    public init(text: String, label: Int, path: String) { (self.text, self.label, self.path) = (text, label, path) }
}

/// Texts in folders, one folder a class, such as the reviews of `aclImdb/train/{neg,pos}`.
///
///     let archive = try TarArchive(path: "aclImdb.tar.gz")
///     let reviews = try TextFolder(archive, folder: "aclImdb/train")
///     try reviews.sample(at: 0).text
public struct TextFolder: SampleSource {
    /// The name for listings.
    public let name: String
    /// The names of the folders, in alphabetical order; labels count them.
    public let classNames: [String]
    /// The files, class by class, and the class of each.
    public let files: [(path: String, label: Int)]
    private let archive: TarArchive?
    private let entries: [Int]

    /// How many texts there are.
    public var count: Int { files.count }

    /// - Parameters:
    ///   - path: the folder with the folders of the classes
    ///   - ending: of the files to read
    ///   - classes: the folders to read; all by default
    public init(_ path: String, ending: String = ".txt", classes: [String]? = nil) throws(ApusError) {
        let folders = try Folder.contents(path).folders.filter { classes?.contains($0) ?? true }
        var files: [(String, Int)] = []
        for (label, folder) in folders.enumerated() {
            for file in try Folder.files(under: "\(path)/\(folder)") where file.hasSuffix(ending) {
                files.append(("\(path)/\(folder)/\(file)", label))
            }
        }
        try self.init(name: path, classNames: folders, files: files, archive: nil, entries: [])
    }

    /// Texts in the folders of a tar archive.
    ///
    /// - Parameters:
    ///   - folder: the folder with the folders of the classes
    ///   - ending: of the files to read
    ///   - classes: the folders to read; all by default
    public init(
        _ archive: TarArchive, folder: String, ending: String = ".txt", classes: [String]? = nil
    ) throws(ApusError) {
        let prefix = folder.hasSuffix("/") || folder.isEmpty ? folder : folder + "/"
        var found: [(path: String, folder: String, entry: Int)] = []
        for (index, entry) in archive.entries.enumerated()
        where entry.name.hasPrefix(prefix) && entry.name.hasSuffix(ending) {
            let parts = entry.name.dropFirst(prefix.count).split(separator: "/")
            if parts.count == 2, classes?.contains(String(parts[0])) ?? true {
                found.append((entry.name, String(parts[0]), index))
            }
        }
        let names = Set(found.map(\.folder)).sorted(by: Folder.precedes)
        var (files, entries): ([(String, Int)], [Int]) = ([], [])
        for (label, name) in names.enumerated() {
            let part = found.filter { $0.folder == name }.sorted { Folder.precedes($0.path, $1.path) }
            files += part.map { ($0.path, label) }
            entries += part.map(\.entry)
        }
        try self.init(name: folder, classNames: names, files: files, archive: archive, entries: entries)
    }

    private init(
        name: String, classNames: [String], files: [(String, Int)], archive: TarArchive?, entries: [Int]
    ) throws(ApusError) {
        guard !files.isEmpty else {
            throw ApusError(
                .data, in: "text folder \(name)", "it holds no folders with texts",
                remedy: "name the folder with the folders of the classes")
        }
        (self.name, self.classNames, self.files) = (name, classNames, files)
        (self.archive, self.entries) = (archive, entries)
    }

    /// Reads a text in UTF-8.
    public func sample(at index: Int) throws(ApusError) -> LabelledText {
        try check(index)
        let (path, label) = files[index]
        guard let archive else { return LabelledText(text: try TextFile.read(path), label: label, path: path) }
        let bytes = archive.bytes(of: archive.entries[entries[index]])
        let text = try TextFile.text(of: bytes, place: "\(archive.place), file \(path)")
        return LabelledText(text: text, label: label, path: path)
    }
}
