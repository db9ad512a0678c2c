// What a program that codexd starts gets of the environment: an allow-list, because a shell's variables hold the keys of
// everybody else (OPENAI_API_KEY, AWS_SECRET_ACCESS_KEY, …) and any of them may end up in a crash report of that program.

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a program has to do with beyond running. */
export type Surrounding = 'network' | 'speech' | 'desktop';

/** Finding itself, its files, its libraries, its language and, on Windows, the system. */
const everywhere =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|USERNAME|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES.*|COMMONPROGRAMFILES.*|NUMBER_OF_PROCESSORS|PROCESSOR_\w+)$/i;

const further: Record<Surrounding, RegExp> = {
  network: /^(?:(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE)$/i,
  // Python, accelerators, thread counts, and where models are kept.
  speech:
    /^(?:(?:PYTHON|CONDA|PYENV|CUDA|CUDNN|NVIDIA|HIP|ROCM|ROCR|HSA|MIOPEN|ONEAPI|SYCL|ZE|VK|METAL|MLX|GGML|WHISPER|OMP|KMP|MKL|OPENBLAS|NUMEXPR|ORT|TORCH|PYTORCH|TRANSFORMERS|CT2|SHERPA|HF_HUB)_?\w*|VIRTUAL_ENV|HF_HOME|HF_ENDPOINT|HUGGINGFACE_HUB_CACHE|TOKENIZERS_PARALLELISM|VECLIB_MAXIMUM_THREADS)$/,
  desktop:
    /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|DESKTOP_SESSION|BROWSER|(?:GNOME|KDE|GTK|GDK|QT|MOZ|WSL)_?\w*)$/,
};

/** `NVIDIA_API_KEY`, `HF_HUB_TOKEN`: a secret, whatever family its name belongs to. */
const secret = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)(?:_|$)/i;

/** `named`: further variables by name, which somebody has asked for. */
export function childEnvironment(
  env: Environment,
  surroundings: readonly Surrounding[] = [],
  named: readonly string[] = [],
): Record<string, string | undefined> {
  const patterns = [everywhere, ...surroundings.map((one) => further[one])];
  const isAllowed = (name: string) =>
    named.includes(name) || (patterns.some((pattern) => pattern.test(name)) && !secret.test(name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => isAllowed(name)));
}
