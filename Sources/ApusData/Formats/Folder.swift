import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What lies in folders of the file system.
package enum Folder {
    /// The names of the files and of the folders in a folder, each in alphabetical order; hidden ones are left out.
    package static func contents(_ path: String) throws(ApusError) -> (files: [String], folders: [String]) {
        guard let directory = opendir(path) else {
            throw ApusError(
                .file, in: "folder \(path)", "it can't be opened: \(systemMessage(errno))",
                remedy: "check the path (relative ones start at the current directory) and the permissions")
        }
        defer { closedir(directory) }
        var (files, folders): ([String], [String]) = ([], [])
        while let entry = readdir(directory) {
            let length = MemoryLayout.size(ofValue: entry.pointee.d_name)
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: length) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            var info = stat()
            guard stat("\(path)/\(name)", &info) == 0 else { continue }
            switch info.st_mode & S_IFMT {
            case S_IFDIR: folders.append(name)
            case S_IFREG: files.append(name)
            default: break
            }
        }
        return (files.sorted(by: precedes), folders.sorted(by: precedes))
    }

    /// The paths of all files under a folder, relative to it, in order.
    package static func files(under path: String, depth: Int = 16) throws(ApusError) -> [String] {
        let (files, folders) = try contents(path)
        var result = files
        guard depth > 0 else { return result }
        for folder in folders {
            for file in try self.files(under: "\(path)/\(folder)", depth: depth - 1) {
                result.append("\(folder)/\(file)")
            }
        }
        return result
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Alphabetical order in which numbers count as such: `2.png` comes before `10.png`.
    package static func precedes(_ one: String, _ other: String) -> Bool {
        let (a, b) = (Array(one.utf8), Array(other.utf8))
        var (i, j) = (0, 0)
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        while i < a.count, j < b.count {
            if isDigit(a[i]), isDigit(b[j]) {
                let (from, start) = (i, j)
                while i < a.count, isDigit(a[i]) { i += 1 }
                while j < b.count, isDigit(b[j]) { j += 1 }
                let (x, y) = (a[from..<i].drop { $0 == 0x30 }, b[start..<j].drop { $0 == 0x30 })
                if x.count != y.count { return x.count < y.count }
                if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
            } else {
                if a[i] != b[j] { return a[i] < b[j] }
                i += 1
                j += 1
            }
        }
        return (a.count - i, one) < (b.count - j, other)
    }
}
