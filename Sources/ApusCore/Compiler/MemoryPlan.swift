/// Places buffers with lifetimes in one arena: larger ones first, each at the lowest offset that is free while it lives.
package struct MemoryPlan {
    package struct Request {
        package var byteCount: Int
        /// The first and last unit, in scheduled order, that touch the buffer.
        package var first: Int
        package var last: Int
    }

    package let offsets: [Int]
    package let byteCount: Int

    private static let alignment = 64

    package init(_ requests: [Request]) {
        var offsets = [Int](repeating: 0, count: requests.count)
        var total = 0
        var placed: [Int] = []
        let order = requests.indices.sorted {
            requests[$0].byteCount != requests[$1].byteCount
                ? requests[$0].byteCount > requests[$1].byteCount : $0 < $1
        }
        for index in order {
            let request = requests[index]
            let size = (Swift.max(request.byteCount, 1) + Self.alignment - 1) / Self.alignment * Self.alignment
            let overlapping = placed.filter {
                requests[$0].first <= request.last && request.first <= requests[$0].last
            }.sorted { offsets[$0] < offsets[$1] }
            var offset = 0
            for other in overlapping {
                if offsets[other] >= offset + size { break }
                let end =
                    offsets[other] + (requests[other].byteCount + Self.alignment - 1) / Self.alignment * Self.alignment
                offset = Swift.max(offset, end)
            }
            offsets[index] = offset
            total = Swift.max(total, offset + size)
            placed.append(index)
        }
        self.offsets = offsets
        byteCount = total
    }

    /// Whether no two buffers that live at the same time overlap.
    package func isValid(_ requests: [Request]) -> Bool {
        for a in requests.indices {
            for b in 0..<a where requests[a].first <= requests[b].last && requests[b].first <= requests[a].last {
                if requests[a].byteCount > 0, requests[b].byteCount > 0,
                    offsets[a] < offsets[b] + requests[b].byteCount, offsets[b] < offsets[a] + requests[a].byteCount
                {
                    return false
                }
            }
        }
        return true
    }
}
