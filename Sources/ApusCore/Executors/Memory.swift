import CKernels

/// The memory of this process.
public enum Memory {
    /// Resident bytes now; 0 where the system does not tell.
    public static var resident: Int { Swift.max(0, Int(apus_resident_bytes())) }
    /// The most resident bytes so far; 0 where the system does not tell.
    public static var peak: Int { Swift.max(0, Int(apus_peak_resident_bytes())) }
}
