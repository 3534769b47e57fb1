/// Where a tensor's elements are: a buffer of the program, an offset and a stride for each axis, in elements.
package struct View: Sendable {
    package var buffer: Int
    package var offset: Int
    package var shape: Shape
    package var strides: [Int]
    package var dtype: DType

    package init(buffer: Int, offset: Int = 0, shape: Shape, strides: [Int], dtype: DType) {
        self.buffer = buffer
        self.offset = offset
        self.shape = shape
        self.strides = strides
        self.dtype = dtype
    }

    /// A whole buffer, row-major.
    package init(buffer: Int, shape: Shape, dtype: DType) {
        self.init(buffer: buffer, shape: shape, strides: shape.denseStrides, dtype: dtype)
    }

    package var byteOffset: Int { offset * dtype.size }

    /// Whether the elements lie row-major without gaps.
    package var isDense: Bool { denseRun == shape.count }

    /// How many elements lie one behind the other before the first gap.
    package var denseRun: Int {
        var run = 1
        for axis in stride(from: shape.rank - 1, through: 0, by: -1) where shape[axis] != 1 {
            if strides[axis] != run { return run }
            run *= shape[axis]
        }
        return run
    }

    /// The same elements under another shape, where strides can express that.
    package func reshaped(to target: Shape) -> View? {
        if shape.count == 0 || isDense {
            return View(buffer: buffer, offset: offset, shape: target, strides: target.denseStrides, dtype: dtype)
        }
        // Runs of axes that lie evenly in memory are split and joined freely; a target axis must not cross runs.
        var runs: [(extent: Int, stride: Int)] = []
        for axis in 0..<shape.rank where shape[axis] != 1 {
            if let last = runs.last, last.stride == strides[axis] * shape[axis] {
                runs[runs.count - 1] = (last.extent * shape[axis], strides[axis])
            } else {
                runs.append((shape[axis], strides[axis]))
            }
        }
        var result = [Int](repeating: 0, count: target.rank)
        var run = runs.count - 1
        var consumed = 1
        for axis in stride(from: target.rank - 1, through: 0, by: -1) where target[axis] != 1 {
            guard run >= 0, runs[run].extent % (consumed * target[axis]) == 0 else { return nil }
            result[axis] = runs[run].stride * consumed
            consumed *= target[axis]
            if consumed == runs[run].extent {
                run -= 1
                consumed = 1
            }
        }
        return View(buffer: buffer, offset: offset, shape: target, strides: result, dtype: dtype)
    }

    /// The view repeated to a larger shape: axes aligned at the end, extents of 1 get stride 0.
    package func broadcast(to target: Shape) -> View {
        var result = [Int](repeating: 0, count: target.rank)
        for axis in 0..<shape.rank where shape[axis] != 1 {
            result[target.rank - shape.rank + axis] = strides[axis]
        }
        return View(buffer: buffer, offset: offset, shape: target, strides: result, dtype: dtype)
    }
}
