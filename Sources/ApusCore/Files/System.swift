// The few system calls that the file formats stand on.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the operating system says of an error number.
package func systemMessage(_ code: Int32) -> String {
    "\(String(cString: strerror(code))) (errno \(code))"
}

/// The calls by which a file is written, replaceable so that tests can inject full disks, interrupts and short writes.
///
/// Each returns what the system call of the same name returns, with `errno` set on failure.
package struct FileCalls: Sendable {
    package var write: @Sendable (Int32, UnsafeRawPointer, Int) -> Int
    package var synchronize: @Sendable (Int32) -> Int32
    package var close: @Sendable (Int32) -> Int32
    package var rename: @Sendable (String, String) -> Int32

    /// The operating system's own.
    package static let system = FileCalls(
        write: systemWrite, synchronize: systemSynchronize, close: systemClose, rename: systemRename)

    package init(
        write: @escaping @Sendable (Int32, UnsafeRawPointer, Int) -> Int,
        synchronize: @escaping @Sendable (Int32) -> Int32,
        close: @escaping @Sendable (Int32) -> Int32,
        rename: @escaping @Sendable (String, String) -> Int32
    ) {
        (self.write, self.synchronize, self.close, self.rename) = (write, synchronize, close, rename)
    }
}

@Sendable private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

@Sendable private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

@Sendable private func systemRename(_ old: String, _ new: String) -> Int32 { rename(old, new) }

@Sendable private func systemSynchronize(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
        // fsync leaves data in the drive's own cache there; not every file system knows the stronger call.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
    #endif
    return fsync(descriptor)
}

/// An open file that closes itself.
package final class FileDescriptor: Sendable {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    deinit { _ = close(number) }

    /// Fills `buffer` from `offset` on; returns nil, or what went wrong.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> String? {
        var done = 0
        while done < buffer.count {
            let step = pread(number, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if step > 0 {
                done += step
            } else if step == 0 {
                return "the file ends at byte \(offset + done) where it had more a moment ago"
            } else if errno != EINTR {
                return "reading at byte \(offset + done) failed: \(systemMessage(errno))"
            }
        }
        return nil
    }
}

/// Opens a regular file for reading and returns it with its size.
package func openForReading(_ path: String, place: String) throws(ApusError) -> (FileDescriptor, Int) {
    // Non-blocking, so that a named pipe is refused below instead of waited for.
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else {
        throw ApusError(
            .file, in: place, "it can't be opened: \(systemMessage(errno))",
            remedy: "check the path (relative ones start at the current directory) and the permissions")
    }
    let file = FileDescriptor(number)
    var info = stat()
    guard fstat(number, &info) == 0 else {
        throw ApusError(
            .file, in: place, "its size can't be read: \(systemMessage(errno))", remedy: "check the file system")
    }
    guard info.st_mode & S_IFMT == S_IFREG else {
        let what = info.st_mode & S_IFMT == S_IFDIR ? "a directory" : "a device or a pipe"
        throw ApusError(.file, in: place, "it is \(what), not a file", remedy: "give the path of a regular file")
    }
    return (file, Int(info.st_size))
}
