import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Fetches files from the network with the program `curl`, which goes on where it was cut off.
package enum Download {
    /// Fetches a file, checks its SHA-256 and puts it into place; what is there and right is kept.
    ///
    /// - Parameters:
    ///   - path: where the file belongs; its folder is made
    ///   - showsProgress: draws a bar on standard error
    package static func fetch(
        _ address: String, sha256: String, to path: String, showsProgress: Bool
    ) throws(ApusError) {
        if Folder.exists(path), try SHA256.file(path) == sha256 { return }
        let place = "download of \(address)"
        try makeFolder(path)
        let part = path + ".part"
        let flags = showsProgress ? "--progress-bar" : "--silent --show-error"
        let command =
            "curl --fail --location --retry 3 --connect-timeout 20 --continue-at - \(flags) --output \(quoted(part)) "
            + quoted(address) + (showsProgress ? "" : " 2>/dev/null")
        let status = system(command)
        let code = status >> 8 & 0xff
        // 33: the server can't continue; 36: nothing is left to fetch.
        guard status == 0 || code == 33 || code == 36 else {
            throw ApusError(.file, in: place, reason(code), remedy: remedy(code, path))
        }
        let sum = try SHA256.file(part)
        guard sum == sha256 else {
            unlink(part)
            throw ApusError(
                .data, in: place, "the file has the SHA-256 \(sum), expected is \(sha256)",
                remedy: "try again; if it stays so, the file at this address has changed: put the right one at \(path)")
        }
        guard rename(part, path) == 0 else {
            throw ApusError(
                .file, in: place, "\(part) can't be renamed: \(systemMessage(errno))",
                remedy: "check the permissions of the folder")
        }
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case 5, 6: "the server's name can't be resolved: there is no network, or the address is gone"
        case 7, 28: "the server can't be reached: there is no network, or it does not answer"
        case 22: "the server has no such file"
        case 127: "the program curl is not installed"
        default: "curl ended with code \(code)"
        }
    }

    private static func remedy(_ code: Int32, _ path: String) -> String {
        code == 127
            ? "install it: \"apt install curl\" on Debian and Ubuntu; or put the file at \(path)"
            : "check the network and try again, it goes on where it was; or put the file at \(path) yourself"
    }

    /// Makes the folder of a file, and those above it.
    package static func makeFolder(_ path: String) throws(ApusError) {
        var current = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/").dropLast() {
            current += (current.isEmpty || current == "/" ? "" : "/") + part
            if mkdir(current, 0o755) != 0, errno != EEXIST {
                throw ApusError(
                    .file, in: "folder \(current)", "it can't be made: \(systemMessage(errno))",
                    remedy: "choose another cache in APUS_CACHE")
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
