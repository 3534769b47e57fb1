import Apus

/// Progress of a run: one line that is redrawn in a terminal, a line an epoch (and every ten seconds) elsewhere.
final class ProgressBar {
    private let descriptor: Int32
    private let isLive: Bool
    private var lastDraw = -1.0
    private var lastLine = 0.0

    init(json: Bool) {
        descriptor = json ? 2 : 1
        isLive = Console.isTerminal(descriptor)
        lastLine = Clock.now()
    }

    func update(_ progress: TrainingProgress) {
        let now = Clock.now()
        let isLast = progress.step == progress.steps
        guard isLive else {
            if now - lastLine >= 10, !isLast {
                lastLine = now
                Console.write(
                    "epoch \(progress.epoch)/\(progress.epochs)  step \(progress.step)/\(progress.steps)  "
                        + figures(progress) + "  " + Format.duration(progress.remainingSeconds) + " left\n",
                    to: descriptor)
            }
            return
        }
        guard isLast || now - lastDraw > 0.08 else { return }
        lastDraw = now
        let head = "epoch \(progress.epoch)/\(progress.epochs) "
        let tail = " " + figures(progress) + "  " + Format.duration(progress.remainingSeconds) + " left"
        let room = max(8, min(32, Console.width - head.count - tail.count - 1))
        let eighths = progress.step * room * 8 / max(progress.steps, 1)
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let full = String(repeating: "█", count: eighths / 8) + partial
        let bar = full + String(repeating: "░", count: max(0, room - full.count))
        Console.write("\r\u{1b}[2K" + String((head + bar + tail).prefix(Console.width - 1)), to: descriptor)
    }

    func finish(_ epoch: History.Epoch, of epochs: Int) {
        lastLine = Clock.now()
        var text = "epoch \(epoch.number)/\(epochs)  loss \(Format.fixed(epoch.loss, 4))"
        for (name, value) in epoch.metrics.sorted(by: { $0.key < $1.key }) {
            text += "  \(name) \(figure(name, value))"
        }
        if let loss = epoch.validationLoss { text += "  validation loss \(Format.fixed(loss, 4))" }
        for (name, value) in epoch.validationMetrics.sorted(by: { $0.key < $1.key }) {
            text += "  \(name) \(figure(name, value))"
        }
        text += "  \(Summary.grouped(Int(epoch.samplesPerSecond)))/s"
        text += "  data \(Format.percent(epoch.waitingShare))"
        Console.write((isLive ? "\r\u{1b}[2K" : "") + text + "\n", to: descriptor)
    }

    private func figures(_ progress: TrainingProgress) -> String {
        var text = "loss \(Format.fixed(progress.loss, 4))"
        for metric in progress.metrics { text += "  \(metric.name) \(figure(metric.name, metric.value))" }
        return text + "  \(Summary.grouped(Int(progress.samplesPerSecond)))/s"
    }

    private func figure(_ name: String, _ value: Double) -> String {
        name == "accuracy" ? Format.percent(value) : Format.fixed(value, 4)
    }
}
