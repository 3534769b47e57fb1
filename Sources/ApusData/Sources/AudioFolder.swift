import ApusCore

/// A recording with the number of its class.
public struct LabelledAudio: Sendable, Equatable {
    /// The recording.
    public var clip: AudioClip
    /// The number of its class.
    public var label: Int
    /// The file that it is from.
    public var path: String

    /// A recording with its class and file.
    public init(clip: AudioClip, label: Int, path: String) { (self.clip, self.label, self.path) = (clip, label, path) }
}

/// WAV files in folders, one folder a class, such as `yes/a.wav` and `no/b.wav`.
///
///     let words = try AudioFolder("speech")
///     let batches = words.pipeline
///         .map("one second") { try $0.clip.mono().resampled(to: 16_000).withLength(seconds: 1) }
public struct AudioFolder: SampleSource {
    /// The name for listings.
    public let name: String
    /// The names of the folders, in alphabetical order; labels count them.
    public let classNames: [String]
    /// The files, class by class, and the class of each.
    public let files: [(path: String, label: Int)]

    /// How many recordings there are.
    public var count: Int { files.count }

    /// - Parameter path: the folder with the folders of the classes
    public init(_ path: String) throws(ApusError) {
        let folders = try Folder.contents(path).folders
        var files: [(String, Int)] = []
        for (label, folder) in folders.enumerated() {
            for file in try Folder.files(under: "\(path)/\(folder)") where file.lowercased().hasSuffix(".wav") {
                files.append(("\(path)/\(folder)/\(file)", label))
            }
        }
        guard !files.isEmpty else {
            throw ApusError(
                .data, in: "audio folder \(path)", "it holds no folders with WAV files",
                remedy: "put the recordings of each class into a folder of its own")
        }
        (name, classNames, self.files) = (path, folders, files)
    }

    /// Reads a recording.
    public func sample(at index: Int) throws(ApusError) -> LabelledAudio {
        try check(index)
        let (path, label) = files[index]
        return LabelledAudio(clip: try AudioClip(path: path), label: label, path: path)
    }
}
