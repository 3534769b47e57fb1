import ApusCore
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct AtomicFileTests {
    let folder = TemporaryFolder()

    private func content(_ name: String) throws -> String {
        String(decoding: try ByteSource(path: folder.file(name)).bytes(), as: UTF8.self)
    }

    @Test func appearsOnlyWhenCommitted() throws {
        let path = folder.file("a.txt")
        try AtomicFile.write(Array("old".utf8), to: path)
        var file = try AtomicFile(path: path)
        try file.write(Array("new ".utf8))
        #expect(try content("a.txt") == "old")
        try file.write(Array("text".utf8))
        #expect(file.count == 8)
        try file.commit()
        #expect(try content("a.txt") == "new text")
        #expect(folder.names == ["a.txt"])
    }

    @Test func droppedFileLeavesNothing() throws {
        do {
            var file = try AtomicFile(path: folder.file("a.txt"))
            try file.write([1, 2, 3])
        }
        #expect(folder.names.isEmpty)
    }

    @Test func keepsPermissionsAndFollowsLinks() throws {
        let path = folder.file("a.txt")
        try AtomicFile.write([1], to: path)
        chmod(path, 0o640)
        symlink("a.txt", folder.file("link"))
        try AtomicFile.write([2, 3], to: folder.file("link"))
        var info = stat()
        stat(path, &info)
        #expect(info.st_mode & 0o777 == 0o640)
        #expect(info.st_size == 2)
        #expect(folder.names == ["a.txt", "link"])
    }

    @Test func refusesWhatIsNoFile() throws {
        #expect(refusal { try AtomicFile.write([], to: "") }?.problem == "the path names no file")
        #expect(refusal { try AtomicFile.write([], to: "/") }?.problem == "the path names no file")
        #expect(
            refusal { try AtomicFile.write([], to: folder.path) }?.problem == "something is there that is not a file")
        let missing = refusal { try AtomicFile.write([], to: folder.file("none/a.txt")) }
        #expect(
            missing?.problem == "no file can be created in the directory \(folder.file("none")): "
                + "No such file or directory (errno 2)")
        #expect(missing?.remedy == "create the directory, choose another, or change its permissions")
        #expect(missing?.place == "output file \(folder.file("none/a.txt"))")
        symlink("nowhere", folder.file("dangling"))
        #expect(
            refusal { try AtomicFile.write([], to: folder.file("dangling")) }?.problem.hasPrefix(
                "it is a link that leads nowhere") == true)
    }

    @Test func twoCommitsAreAnError() throws {
        var file = try AtomicFile(path: folder.file("a.txt"))
        try file.commit()
        do {
            try file.commit()
            Issue.record("committed twice")
        } catch {
            #expect(error.problem == "it is committed already")
        }
    }

    /// Whatever fails, the old file stays and nothing is left behind.
    @Test(arguments: ["disk full", "input/output error", "flush", "close", "rename"])
    func failuresLeaveTheOldFile(_ fault: String) throws {
        let path = folder.file("a.txt")
        try AtomicFile.write(Array("old".utf8), to: path)
        var calls = FileCalls.system
        switch fault {
        case "disk full":
            calls.write = { _, _, _ in
                errno = ENOSPC
                return -1
            }
        case "input/output error":
            calls.write = { descriptor, bytes, count in
                if count < 3 { return write(descriptor, bytes, count) }
                errno = EIO
                return -1
            }
        case "flush":
            calls.synchronize = { _ in
                errno = EIO
                return -1
            }
        case "close":
            calls.close = {
                _ = close($0)
                errno = EDQUOT
                return -1
            }
        default:
            calls.rename = { _, _ in
                errno = EACCES
                return -1
            }
        }
        let error = refusal {
            var file = try AtomicFile(path: path, calls: calls)
            try file.write(Array("ne".utf8))
            try file.write(Array("w text".utf8))
            try file.commit()
        }
        #expect(error?.kind == .file)
        #expect(error?.remedy.hasSuffix("the file that was there is unchanged") == true)
        if fault == "disk full" {
            #expect(error?.problem == "writing at byte 0 failed: No space left on device (errno 28)")
        }
        #expect(try content("a.txt") == "old")
        #expect(folder.names == ["a.txt"])
    }

    @Test func interruptsAndShortWritesAreBridged() throws {
        var calls = FileCalls.system
        calls.write = { descriptor, bytes, count in
            if UInt8.random(in: 0...1) == 0 {
                errno = EINTR
                return -1
            }
            return write(descriptor, bytes, min(count, 3))
        }
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        var file = try AtomicFile(path: folder.file("a"), calls: calls)
        try file.write(bytes)
        try file.commit()
        #expect(try ByteSource(path: folder.file("a")).bytes() == bytes)
    }
}

@Suite struct ByteSourceTests {
    @Test func refusesWhatIsNoFile() {
        let missing = refusal { _ = try ByteSource(path: "/nowhere/x.bin") }
        #expect(missing?.problem == "it can't be opened: No such file or directory (errno 2)")
        #expect(missing?.place == "file /nowhere/x.bin")
        #expect(refusal { _ = try ByteSource(path: "/tmp") }?.problem == "it is a directory, not a file")
        #expect(refusal { _ = try ByteSource(path: "/dev/zero") }?.problem == "it is a device or a pipe, not a file")
    }

    @Test(arguments: [(-1, 2), (0, 5), (5, 0), (4, 1), (Int.max, Int.max), (0, Int.max), (1, -1)])
    func neverReadsOutside(offset: Int, count: Int) throws {
        let folder = TemporaryFolder()
        try AtomicFile.write([1, 2, 3, 4], to: folder.file("a"))
        for source in [try ByteSource(path: folder.file("a")), ByteSource(bytes: [1, 2, 3, 4], name: "a")] {
            let error = refusal { _ = try source.bytes(at: offset, count: count) }
            #expect(error?.problem == "\(count) bytes are wanted at byte \(offset), but it has 4 bytes")
        }
    }

    @Test func shrunkenFileIsAnError() throws {
        let folder = TemporaryFolder()
        try AtomicFile.write([UInt8](repeating: 7, count: 100), to: folder.file("a"))
        let source = try ByteSource(path: folder.file("a"))
        truncate(folder.file("a"), 10)
        let error = refusal { _ = try source.bytes() }
        #expect(error?.problem == "the file ends at byte 10 where it had more a moment ago")
    }
}
