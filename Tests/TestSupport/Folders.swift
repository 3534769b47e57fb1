import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The real files that some tests read: the folder that APUS_SHARED names, or `../shared`.
package enum SharedFiles {
    /// The path of a file below `data`, or nil with a word on what is skipped.
    package static func path(_ name: String) -> String? {
        let folder = getenv("APUS_SHARED").map { String(cString: $0) } ?? "../shared"
        let path = "\(folder)/data/\(name)"
        if access(path, R_OK) == 0 { return path }
        print("skipped: \(path) is not there (APUS_SHARED names the folder of shared files)")
        return nil
    }
}

/// A folder that is removed with everything in it when the value goes.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() {
        var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/apus-test-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "."
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// The path of a file in the folder.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// What is in the folder.
    package var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
