#if SQLite
    /// Tells whether the rows of a query have an order.
    enum SQLiteOrder {
        /// Whether the query ends in an `ORDER BY` of its own: those in parentheses, texts, names and comments don't count.
        static func isGiven(in query: String) -> Bool {
            let bytes = Array(query.utf8)
            var (depth, offset) = (0, 0)
            var words: [String] = []
            while offset < bytes.count {
                let byte = bytes[offset]
                switch byte {
                case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "["):
                    let end = byte == UInt8(ascii: "[") ? UInt8(ascii: "]") : byte
                    offset = (bytes[(offset + 1)...].firstIndex(of: end) ?? bytes.count - 1) + 1
                    if depth == 0 { words.append("") }
                case UInt8(ascii: "-") where bytes[offset...].starts(with: "--".utf8):
                    offset = (bytes[offset...].firstIndex(of: 10) ?? bytes.count - 1) + 1
                case UInt8(ascii: "/") where bytes[offset...].starts(with: "/*".utf8):
                    offset += 2
                    while offset < bytes.count, !bytes[offset...].starts(with: "*/".utf8) { offset += 1 }
                    offset += 2
                case UInt8(ascii: "("), UInt8(ascii: ")"):
                    depth += byte == UInt8(ascii: "(") ? 1 : -1
                    offset += 1
                default:
                    let end = bytes[offset...].firstIndex { !isLetter($0) } ?? bytes.count
                    if end > offset, depth == 0 {
                        words.append(String(decoding: bytes[offset..<end], as: UTF8.self).uppercased())
                    }
                    offset = max(end, offset + 1)
                }
            }
            return zip(words, words.dropFirst()).contains { $0 == "ORDER" && $1 == "BY" }
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            (0x41...0x5a).contains(byte & 0xdf) || (0x30...0x39).contains(byte) || byte == 0x5f || byte >= 0x80
        }
    }
#endif
