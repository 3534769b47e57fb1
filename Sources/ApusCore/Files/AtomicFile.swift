// Writing a file so that a reader, a crash or a full disk meets the old one or the new one, never a part.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that appears under its name only when it is complete.
///
/// Bytes go to a temporary file in the same directory. `commit()` flushes it to the disk and renames it over the
/// destination, keeping the permissions of the file that was there. If anything fails, or the value is dropped without
/// a commit, the temporary file is removed and the destination is as it was.
///
///     var file = try AtomicFile(path: "weights.bin")
///     try file.write(header)
///     for chunk in chunks { try file.write(chunk) }
///     try file.commit()
public struct AtomicFile: ~Copyable {
    /// The destination, as it was given.
    public let path: String
    /// The number of bytes written so far.
    public private(set) var count = 0

    private let destination: String
    private let temporary: String
    private let calls: FileCalls
    private var descriptor: Int32

    /// Creates the temporary file.
    public init(path: String) throws(ApusError) {
        try self.init(path: path, calls: .system)
    }

    package init(path: String, calls: FileCalls) throws(ApusError) {
        let (destination, permissions) = try Self.resolve(path)
        let directory = Self.directory(of: destination)
        let temporary = directory + "/.apus-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw Self.failure(
                path, "no file can be created in the directory \(directory): \(systemMessage(errno))",
                remedy: "create the directory, choose another, or change its permissions")
        }
        self.path = path
        self.destination = destination
        self.temporary = temporary
        self.calls = calls
        self.descriptor = descriptor
        if let permissions { _ = fchmod(descriptor, permissions) }
    }

    deinit {
        if descriptor >= 0 {
            _ = close(descriptor)
            _ = unlink(temporary)
        }
    }

    /// Appends bytes.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ApusError) {
        guard descriptor >= 0 else {
            throw Self.failure(path, "it is committed already", remedy: "write everything before the commit")
        }
        var done = 0
        while done < bytes.count {
            // Some systems refuse a single write of 2 GB or more.
            let step = calls.write(descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30))
            if step > 0 {
                done += step
            } else if step == 0 || errno != EINTR {
                let reason = step == 0 ? "the system took no bytes" : systemMessage(errno)
                throw Self.failure(
                    path, "writing at byte \(count + done) failed: \(reason)",
                    remedy: "free space on the disk or write elsewhere; the file that was there is unchanged")
            }
        }
        count += done
    }

    /// Appends bytes.
    public mutating func write(_ bytes: [UInt8]) throws(ApusError) {
        let failure = bytes.withUnsafeBytes { buffer -> ApusError? in
            do throws(ApusError) {
                try write(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Makes the file appear under its name, complete and on the disk.
    public mutating func commit() throws(ApusError) {
        guard descriptor >= 0 else {
            throw Self.failure(path, "it is committed already", remedy: "commit once")
        }
        while calls.synchronize(descriptor) != 0 {
            if errno == EINTR { continue }
            throw Self.failure(
                path, "its bytes can't be flushed to the disk: \(systemMessage(errno))",
                remedy: "check the disk; the file that was there is unchanged")
        }
        // A failing close may be the first to report a full quota; the descriptor is gone either way.
        let closed = calls.close(descriptor)
        descriptor = -1
        guard closed == 0 || errno == EINTR, calls.rename(temporary, destination) == 0 else {
            let reason = systemMessage(errno)
            _ = unlink(temporary)
            throw Self.failure(
                path, "the finished file can't take its name: \(reason)",
                remedy: "check the disk and the directory's permissions; the file that was there is unchanged")
        }
        // The rename itself lasts through a power cut once the directory is flushed; where a file system can't, the
        // file is complete all the same.
        let directory = open(Self.directory(of: destination), O_RDONLY | O_CLOEXEC)
        if directory >= 0 {
            _ = calls.synchronize(directory)
            _ = close(directory)
        }
    }

    /// Writes a whole file at once.
    public static func write(_ bytes: [UInt8], to path: String) throws(ApusError) {
        var file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }

    /// Where the bytes end up (links are followed), and the permissions of the file that is there.
    private static func resolve(_ path: String) throws(ApusError) -> (String, mode_t?) {
        guard !path.isEmpty, !path.hasSuffix("/"), !path.utf8.contains(0) else {
            throw failure(path, "the path names no file", remedy: "give the path of the file to write")
        }
        var info = stat()
        guard lstat(path, &info) == 0 else { return (path, nil) }
        var destination = path
        if info.st_mode & S_IFMT == S_IFLNK {
            guard let real = realpath(path, nil), stat(path, &info) == 0 else {
                throw failure(
                    path, "it is a link that leads nowhere: \(systemMessage(errno))",
                    remedy: "remove the link or create what it points to")
            }
            destination = String(cString: real)
            free(real)
        }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "something is there that is not a file", remedy: "choose another name")
        }
        guard access(path, W_OK) == 0 else {
            throw failure(
                path, "the file that is there may not be written: \(systemMessage(errno))",
                remedy: "change its permissions or choose another name")
        }
        return (destination, info.st_mode & 0o7777)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ path: String, _ problem: String, remedy: String) -> ApusError {
        ApusError(.file, in: "output file \(path)", problem, remedy: remedy)
    }
}
