import Apus

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Folders.
enum Files {
    /// Makes a folder and its parents, and checks that it can be written to.
    static func makeFolder(_ path: String) throws(ApusError) {
        var current = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            current += (current.isEmpty || current == "/" ? "" : "/") + part
            if mkdir(current, 0o755) != 0, errno != EEXIST {
                throw ApusError(
                    .file, in: "folder \(path)", "it can't be made: \(String(cString: strerror(errno)))",
                    remedy: "choose another with --output")
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, access(path, W_OK) == 0 else {
            throw ApusError(
                .file, in: "folder \(path)", "it is no folder that can be written to",
                remedy: "choose another with --output")
        }
    }
}
