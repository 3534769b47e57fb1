import CKernels
import Synchronization

/// The memory of this process.
public enum Memory {
    /// Resident bytes now; 0 where the system does not tell.
    public static var resident: Int { Swift.max(0, Int(apus_resident_bytes())) }
    /// The most resident bytes so far; 0 where the system does not tell.
    public static var peak: Int { Swift.max(0, Int(apus_peak_resident_bytes())) }

    private static let largest = 1 << 46
    private static let bytes = Atomic<Int>(
        {
            let bytes = Int(apus_memory_bytes())
            return bytes > 0 ? Swift.min(bytes, largest) : largest
        }())

    /// The most bytes that one computation may take, by default all memory that the process may use. A computation
    /// that needs more ends in an error instead of the end of the process.
    public static var limit: Int {
        get { bytes.load(ordering: .relaxed) }
        set { bytes.store(Swift.min(Swift.max(newValue, 1), largest), ordering: .relaxed) }
    }

    /// Refuses a tensor that does not fit the limit.
    package static func check(_ shape: Shape, _ dtype: DType, in place: String) throws(ApusError) {
        let count = try shape.checkedCount(in: place)
        guard Shape.product(count, dtype.size) <= limit else {
            throw tooLarge(shape, dtype, bytes: count * dtype.size, in: place)
        }
    }

    /// The error of a computation that needs so many bytes, with the largest tensor that it keeps.
    package static func tooLarge(_ shape: Shape, _ dtype: DType, bytes: Int, in place: String) -> ApusError {
        ApusError(
            .resource, in: place,
            "shape \(shape) of \(dtype) takes \(text(shape.count * dtype.size)), \(text(bytes)) in all, and the limit "
                + "is \(text(limit))",
            remedy: "use smaller extents or fewer at a time, or raise Memory.limit")
    }

    /// A number of bytes in the largest unit of which there is at least one.
    private static func text(_ bytes: Int) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        let rounded = unit == 0 ? "\(bytes)" : "\((value * 10).rounded() / 10)"
        return rounded + " " + units[unit]
    }
}
