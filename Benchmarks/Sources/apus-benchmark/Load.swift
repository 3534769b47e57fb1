import ApusWorkloads

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// CPU seconds of the whole machine and of this process, to see what else was running.
struct Load {
    private let clock = Timing.now()
    private let own: Double
    private let busy: Double?

    init() {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
        #else
            getrusage(__rusage_who_t(0), &usage)
        #endif
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        own = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        busy = Load.machine()
    }

    private static func machine() -> Double? {
        guard let file = fopen("/proc/stat", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        guard fgets(&line, 512, file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let ticks = text.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard ticks.count >= 7 else { return nil }
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Cores used by this process and by others since an earlier moment.
    func since(_ start: Load) -> (own: Double, other: Double?) {
        let seconds = max(clock - start.clock, 1e-9)
        let mine = (own - start.own) / seconds
        guard let busy, let before = start.busy else { return (mine, nil) }
        return (mine, max(0, (busy - before) / seconds - mine))
    }
}
