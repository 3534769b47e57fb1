// Arrays of NumPy and SciPy in pickles.

/// A matrix of which the values that are not 0 are kept, row by row.
package struct SparseRows: Sendable {
    package let rows: Int, columns: Int
    /// Of each row, the columns and values.
    package let entries: [[(column: Int, value: Double)]]
}

extension Pickle {
    /// The array of NumPy that a value is.
    package func array(_ number: Int) throws(ApusError) -> RawArray {
        let names = ["numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct"]
        guard let state = object(number, names[0], names[1])?.state, let parts = members(state), parts.count == 5,
            let shape = integers(parts[1]), shape.count <= Npy.maximumRank, let isColumnMajor = integer(parts[3])
        else { throw unexpected("no array of NumPy is where one should be") }
        guard let type = object(parts[2], "numpy dtype"), let first = type.arguments.first, let code = text(first)
        else {
            throw unexpected("an array's element type is not told")
        }
        // The order of bytes stands in the state of the type.
        let order = type.state.flatMap { members($0) }.flatMap { $0.count > 1 ? text($0[1]) : nil } ?? "="
        guard let content = content(parts[4]) else { throw unexpected("an array's values are no bytes") }
        do throws(ApusError) {
            return try Npy.array(
                type: order + code, shape: shape, isColumnMajor: isColumnMajor != 0, content, place: place)
        } catch {
            throw ApusError(error.kind, in: place, "\(error.problem) (pickle at byte \(start))", remedy: error.remedy)
        }
    }

    /// Bytes as they are, or as Python 3 writes them for protocol 2: a text of characters up to 255.
    private func content(_ number: Int) -> [UInt8]? {
        if case .bytes(let range) = values[number] { return Array(bytes[range]) }
        guard let arguments = object(number, "_codecs encode")?.arguments, arguments.count == 2,
            let text = text(arguments[0]), ["latin1", "latin-1"].contains(self.text(arguments[1]))
        else { return nil }
        var result: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { return nil }
            result.append(byte)
        }
        return result
    }

    /// The matrix of SciPy in compressed rows that a value is.
    package func sparseRows(_ number: Int) throws(ApusError) -> SparseRows {
        guard let state = object(number, "scipy.sparse.csr csr_matrix", "scipy.sparse._csr csr_matrix")?.state,
            let items = items(state)
        else { throw unexpected("no matrix of SciPy in compressed rows is where one should be") }
        var fields: [String: Int] = [:]
        for item in items { if let name = text(item.key) { fields[name] = item.value } }
        guard let shape = (fields["_shape"] ?? fields["shape"]).flatMap({ integers($0) }), shape.count == 2,
            let starts = fields["indptr"], let columns = fields["indices"], let data = fields["data"]
        else { throw unexpected("a matrix lacks its shape, indptr, indices or data") }
        let (bounds, places) = (try array(starts), try array(columns))
        let values = try array(data)
        guard shape[0] >= 0, shape[1] >= 0, bounds.shape == [shape[0] + 1], values.shape == places.shape,
            places.shape.count == 1, let limits = bounds.integers, let indices = places.integers
        else {
            throw unexpected(
                "a matrix of shape \(shape) has arrays of shapes \(bounds.shape), \(places.shape) and \(values.shape)")
        }
        let numbers = values.doubles
        guard limits.first == 0, limits.last == indices.count, zip(limits, limits.dropFirst()).allSatisfy({ $0 <= $1 }),
            indices.allSatisfy({ (0..<shape[1]).contains($0) })
        else { throw unexpected("a matrix of shape \(shape) has rows or columns out of range") }
        return SparseRows(
            rows: shape[0], columns: shape[1],
            entries: zip(limits, limits.dropFirst()).map { low, high in
                (low..<high).map { (indices[$0], numbers[$0]) }
            })
    }
}
