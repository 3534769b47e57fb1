extension Catalog {
    static let fourier: [CatalogEntry] = [
        CatalogEntry(
            "ComplexTensor.fft", "The discrete Fourier transform along axes", keras: ["ops.fft", "ops.fft2"],
            torch: ["fft.fft", "fft.fft2", "fft.fftn"], mlx: ["fft", "fft2", "fftn"]),
        CatalogEntry(
            "ComplexTensor.ifft", "The inverse Fourier transform along axes", keras: ["ops.ifft2"],
            torch: ["fft.ifft", "fft.ifft2", "fft.ifftn"], mlx: ["ifft", "ifft2", "ifftn"]),
        CatalogEntry(
            "rfft", "The first half of the Fourier transform of a real signal", keras: ["ops.rfft"],
            torch: ["fft.rfft", "fft.rfft2"], mlx: ["rfft", "rfft2", "rfftn"]),
        CatalogEntry(
            "ComplexTensor.irfft", "The real signal of half a spectrum", keras: ["ops.irfft"],
            torch: ["fft.irfft", "fft.irfft2"], mlx: ["irfft", "irfft2", "irfftn"]),
        CatalogEntry(
            "Tensor.fftFrequencies", "The frequencies of a Fourier transform",
            torch: ["fft.fftfreq", "fft.rfftfreq"]),
        CatalogEntry(
            "fftShifted", "The frequency 0 moved to the middle", torch: ["fft.fftshift", "fft.ifftshift"]),
        CatalogEntry(
            "ComplexTensor.init", "Complex numbers of their parts", keras: ["ops.view_as_complex"],
            torch: ["view_as_complex", "complex"]),
        CatalogEntry(
            "ComplexTensor.init(magnitude:angle:)", "Complex numbers of magnitudes and angles", keras: ["ops.polar"],
            torch: ["polar"]),
        CatalogEntry(
            "ComplexTensor.real", "The real parts", keras: ["ops.real", "ops.view_as_real"], torch: ["real"]),
        CatalogEntry("ComplexTensor.imaginary", "The imaginary parts", keras: ["ops.imag"], torch: ["imag"]),
        CatalogEntry("ComplexTensor.magnitude", "The distance from 0", torch: ["abs"]),
        CatalogEntry("ComplexTensor.angle", "The angle in radians", keras: ["ops.angle"], torch: ["angle"]),
        CatalogEntry(
            "ComplexTensor.conjugate", "The opposite imaginary parts", keras: ["ops.conj", "ops.conjugate"],
            torch: ["conj"]),
        CatalogEntry("dct", "The cosine transform (type II)"),
        CatalogEntry("idct", "The inverse cosine transform (type III)"),
    ]

    static let audio: [CatalogEntry] = [
        CatalogEntry(
            "Tensor.hannWindow", "A raised cosine", keras: ["ops.hanning"], torch: ["hann_window"], mlx: ["hanning"]),
        CatalogEntry(
            "Tensor.hammingWindow", "A raised cosine on a pedestal", keras: ["ops.hamming"], torch: ["hamming_window"],
            mlx: ["hamming"]),
        CatalogEntry(
            "Tensor.blackmanWindow", "Two cosines", keras: ["ops.blackman"], torch: ["blackman_window"],
            mlx: ["blackman"]),
        CatalogEntry(
            "Tensor.bartlettWindow", "A triangle", keras: ["ops.bartlett"], torch: ["bartlett_window"],
            mlx: ["bartlett"]),
        CatalogEntry(
            "Tensor.kaiserWindow", "Kaiser's window by Bessel's function", keras: ["ops.kaiser"],
            torch: ["kaiser_window"]),
        CatalogEntry(
            "stft", "The spectra of windowed pieces of signals", keras: ["ops.stft", "ops.extract_sequences"],
            torch: ["stft"]),
        CatalogEntry(
            "ComplexTensor.istft", "The signal of such spectra", keras: ["ops.istft"], torch: ["istft"]),
        CatalogEntry("spectrogram", "How strong each frequency is over time", torch: ["transforms.Spectrogram"]),
        CatalogEntry(
            "melSpectrogram", "A spectrogram in bands of equal width in mel", torch: ["transforms.MelSpectrogram"]),
        CatalogEntry("decibels", "Powers in decibels", torch: ["transforms.AmplitudeToDB"]),
        CatalogEntry("mfcc", "Mel-frequency cepstral coefficients", torch: ["transforms.MFCC"]),
    ]
}
