import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A public data set that has a name.
///
///     let iris = try KnownData.named("iris")
///     try iris.download()                         // once, into the cache
///     if case .table(let table, let target) = try iris.contents() { ... }
public struct KnownData: Sendable {
    /// A file of a data set.
    public struct File: Sendable {
        /// Its path in the folder of the data set.
        public let name: String
        /// Where it can be had; nil where nobody gives it in this form.
        public let address: String?
        /// The SHA-256 of the file, in hexadecimal digits.
        public let sha256: String
    }

    /// What a data set consists of.
    public enum Contents: Sendable {
        case labelled(train: Dataset, test: Dataset)
        /// A table, with the column to be predicted.
        case table(Table, target: String)
        /// Tables to learn from and to test with.
        case tables(train: Table, test: Table, target: String)
        case images(train: ImageFolder, test: ImageFolder)
        case texts(train: TextFolder, test: TextFolder)
        case text(String)
        case corpus(train: ParallelCorpus, validation: ParallelCorpus, test: ParallelCorpus)
        case boxes(VOCDetection)
        /// Pictures with boxes and masks that are drawn.
        case scenes(ShapeScenes)
        case masks(MaskFolder)
        case volumes(VolumeFolder)
        case graph(Graph)
        case series(TimeSeries)
    }

    /// Such as `iris`.
    public let name: String
    /// What it is, in a sentence.
    public let summary: String
    /// What can be downloaded; empty where files must be put into a folder by hand.
    public let files: [File]
    /// Its folder below one of ``DataCatalog``'s, and files of which one must be in it.
    let folder: String, marks: [String]
    let read: @Sendable (_ folder: String) throws(ApusError) -> Contents

    /// The data set of a name.
    public static func named(_ name: String) throws(ApusError) -> KnownData {
        if let known = all.first(where: { $0.name == name }) { return known }
        throw ApusError(
            .name, in: "data set \(name)", "it is not known",
            remedy: "use one of \(all.map(\.name).joined(separator: ", "))")
    }

    /// Where downloads are kept: the folder that `APUS_CACHE` names, else `.cache/apus` in the home folder.
    public static var cache: String {
        if let path = getenv("APUS_CACHE").map({ String(cString: $0) }), !path.isEmpty { return path }
        return (getenv("HOME").map { String(cString: $0) } ?? "/tmp") + "/.cache/apus"
    }

    /// The folder with its files, if it is there: in the folders of `APUS_DATA`, in `data`, `../shared/data` or the cache.
    public var path: String? {
        (DataCatalog.folders + [Self.cache]).map { "\($0)/\(folder)" }.first { folder in
            marks.contains { Folder.exists("\(folder)/\($0)") }
        }
    }

    /// Fetches what is missing into the cache, and checks it. Interrupted downloads go on where they were.
    public func download(showsProgress: Bool = false) throws(ApusError) {
        // What was put somewhere else is taken as it is; in the cache each file is checked.
        if let path, path != "\(Self.cache)/\(folder)" { return }
        guard !files.isEmpty else { throw missing }
        for file in files {
            guard let address = file.address else { throw missing }
            try Download.fetch(
                address, sha256: file.sha256, to: "\(Self.cache)/\(folder)/\(file.name)", showsProgress: showsProgress)
        }
    }

    /// Reads the data set.
    public func contents() throws(ApusError) -> Contents {
        guard let path else { throw missing }
        return try read(path)
    }

    /// The state of each file that has a known SHA-256: nil where it is not there, else whether it is as it should be.
    public func verify() throws(ApusError) -> [(name: String, isSound: Bool?)] {
        guard let path else { throw missing }
        var states: [(String, Bool?)] = []
        for file in files {
            let full = "\(path)/\(file.name)"
            states.append((file.name, Folder.exists(full) ? try SHA256.file(full) == file.sha256 : nil))
        }
        return states
    }

    private var missing: ApusError {
        let places = (DataCatalog.folders + [Self.cache]).map { "\($0)/\(folder)" }.joined(separator: ", ")
        let isPublic = !files.isEmpty && files.allSatisfy { $0.address != nil }
        return ApusError(
            .data, in: "data set \(name)", "\(marks[0]) is in none of \(places)",
            remedy: isPublic
                ? "run \"apus data download \(name)\", or name the parent of its folder in APUS_DATA"
                : "put its files there, or name the parent of its folder in APUS_DATA")
    }
}
