import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A data set with its two parts.
public struct LabelledData: Sendable {
    /// What is learnt from.
    public let train: Dataset
    /// What is tested on.
    public let test: Dataset
}

/// Data sets by name or path.
public enum DataCatalog {
    /// The names that need no path, with a line on each.
    public static let names: [(name: String, summary: String)] = [
        ("digits", "handwritten digits drawn on the fly, 28x28, nothing to download"),
        ("mnist", "MNIST handwritten digits, 28x28, IDX files"),
        ("fashion-mnist", "Fashion-MNIST articles of clothing, 28x28, IDX files"),
    ]

    static let fashionClasses = [
        "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
    ]

    /// Loads a data set.
    ///
    /// - Parameters:
    ///   - description: `digits` or another of ``GeneratedData``, a known name, or the path of a folder with IDX files.
    ///     Named sets are looked for in the folders of the environment variable `APUS_DATA` (separated by colons), in
    ///     `data` and in `../shared/data`.
    ///   - seed: for data that is drawn
    ///   - count: how many samples are drawn, training and test together
    public static func load(
        _ description: String, seed: UInt64 = 1, count: Int = 12_000
    ) throws(ApusError) -> LabelledData {
        if texts.contains(where: { $0.name == description }) {
            throw ApusError(
                .data, in: "data set \(description)", "it is a text",
                remedy: "train a language model such as gpt_small on it")
        }
        if let generated = GeneratedData.all.first(where: { $0.name == description }) {
            guard generated.isLabelled,
                case .labelled(let train, let test) = try generated.contents(count: count, seed: seed)
            else {
                throw ApusError(
                    .data, in: "data set \(description)", "its samples have no class to be predicted",
                    remedy: "read it by GeneratedData.named(\"\(description)\")")
            }
            return LabelledData(train: train, test: test)
        }
        let isName = names.contains { $0.name == description }
        if isName {
            for folder in folders + [KnownData.cache] where access("\(folder)/\(description)", F_OK) == 0 {
                return try idxFolder("\(folder)/\(description)", name: description)
            }
            throw ApusError(
                .data, in: "data set \(description)", "it is not in \(folders.joined(separator: ", "))",
                remedy: "give the path of the folder with its IDX files, or name its parent in APUS_DATA")
        }
        guard access(description, F_OK) == 0 else {
            if let known = KnownData.all.first(where: { $0.name == description }) { return try labelled(known) }
            throw ApusError(
                .name, in: "data set \(description)", "there is no data set and no folder of this name",
                remedy: "use \(names.map(\.name).joined(separator: ", ")), or the path of a folder with IDX files")
        }
        let trimmed = description.hasSuffix("/") ? String(description.dropLast()) : description
        return try idxFolder(trimmed, name: String(trimmed.split(separator: "/").last ?? "data"))
    }

    /// Labelled samples of a known data set.
    private static func labelled(_ known: KnownData) throws(ApusError) -> LabelledData {
        switch try known.contents() {
        case .labelled(let train, let test): return LabelledData(train: train, test: test)
        case .images(let train, let test):
            let size = known.name == "cifar10" ? 32 : 224
            return LabelledData(
                train: try train.dataset(width: size, height: size, policy: .skip).data,
                test: try test.dataset(width: size, height: size, policy: .skip).data)
        default:
            throw ApusError(
                .data, in: "data set \(known.name)", "its samples are no labelled arrays or pictures",
                remedy: "read it by KnownData.named(\"\(known.name)\")")
        }
    }

    /// Where named sets are looked for.
    static var folders: [String] {
        (environment("APUS_DATA").map { $0.split(separator: ":").map(String.init) } ?? []) + ["data", "../shared/data"]
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Images and labels of a folder with the four files of MNIST, plain or compressed.
    public static func idxFolder(_ path: String, name: String) throws(ApusError) -> LabelledData {
        func part(_ prefix: String) throws(ApusError) -> Dataset {
            func file(_ kind: String) throws(ApusError) -> String {
                let number = kind == "images" ? 3 : 1
                let stems = ["-", "."].map { "\(path)/\(prefix)-\(kind)\($0)idx\(number)-ubyte" }
                let candidates = stems + stems.map { $0 + ".gz" }
                if let found = candidates.first(where: { access($0, F_OK) == 0 }) { return found }
                throw ApusError(
                    .data, in: "data set \(path)",
                    "the file \(prefix)-\(kind)-idx\(kind == "images" ? 3 : 1)-ubyte (or .gz) is missing",
                    remedy: "put the four IDX files of the data set into one folder")
            }
            let images = try IDX.read(try file("images"))
            let labels = try IDX.read(try file("labels"))
            guard images.shape.count == 3 || images.shape.count == 4 else {
                throw ApusError(
                    .data, in: "data set \(path)", "the images have shape \(images.shape)",
                    remedy: "give [count, height, width] or [count, height, width, channels]")
            }
            guard labels.shape.count == 1, labels.shape[0] == images.shape[0] else {
                throw ApusError(
                    .data, in: "data set \(path)", "images of shape \(images.shape), labels of shape \(labels.shape)",
                    remedy: "give one label an image")
            }
            let shape = images.shape.count == 3 ? images.shape + [1] : images.shape
            return try Dataset(
                inputs: try Tensor(images).reshaped(to: Shape(shape)), targets: try Tensor(labels), name: name,
                classNames: name.contains("fashion") ? fashionClasses : [])
        }
        return LabelledData(train: try part("train"), test: try part("t10k"))
    }
}
