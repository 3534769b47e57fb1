#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The terminal: results go to standard output, everything else to standard error.
enum Console {
    /// Prints a line of the result.
    static func result(_ text: String) { write(text + "\n", to: 1) }

    /// Prints a line beside the result: on standard output, or on standard error where that is kept for JSON.
    static func note(_ text: String, json: Bool) { write(text + "\n", to: json ? 2 : 1) }

    /// A number of threads in words: `1 thread`, `2 threads`.
    static func threads(_ count: Int) -> String { count == 1 ? "1 thread" : "\(count) threads" }

    /// Prints a line on standard error.
    static func error(_ text: String) { write(text + "\n", to: 2) }

    /// Writes all bytes of a text.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count, let base = bytes.baseAddress {
                #if canImport(Glibc)
                    let count = Glibc.write(descriptor, base + offset, bytes.count - offset)
                #elseif canImport(Musl)
                    let count = Musl.write(descriptor, base + offset, bytes.count - offset)
                #else
                    let count = Darwin.write(descriptor, base + offset, bytes.count - offset)
                #endif
                if count <= 0 { return }
                offset += count
            }
        }
    }

    /// Whether a descriptor is a terminal that understands escape sequences.
    static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
    }

    /// The terminal's width in columns.
    static var width: Int {
        var size = winsize()
        if ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 { return Int(size.ws_col) }
        return 100
    }
}

/// Numbers for people.
enum Format {
    /// A number with so many decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let whole = Int(scaled / scale)
        var text = "\(whole)"
        if decimals > 0 {
            let fraction = String(Int(scaled) - whole * Int(scale))
            text += "." + String(repeating: "0", count: decimals - fraction.count) + fraction
        }
        return value < 0 && scaled > 0 ? "-" + text : text
    }

    static func percent(_ share: Double, _ decimals: Int = 2) -> String { fixed(share * 100, decimals) + " %" }

    static func duration(_ seconds: Double) -> String {
        let total = Int(max(0, seconds.isFinite ? min(seconds, 1e7) : 0).rounded())
        if total < 60 { return "\(total) s" }
        let rest = total % 60
        if total < 3600 { return "\(total / 60):\(rest < 10 ? "0" : "")\(rest) min" }
        let minutes = total / 60 % 60
        return "\(total / 3600):\(minutes < 10 ? "0" : "")\(minutes) h"
    }

    static func bytes(_ count: Int) -> String {
        count < 1 << 20 ? "\(count / 1024) KiB" : fixed(Double(count) / Double(1 << 20), 1) + " MiB"
    }
}
