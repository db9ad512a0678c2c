# Enough of Homebrew's formula language to install a formula and run its test: homebrew.rb FORMULA ARCHIVE PREFIX
require "fileutils"
require "pathname"
require "socket"

# Homebrew does this too, so that paths are arguments of commands.
class Pathname
  def to_str = to_s
end

# Where `X.install` puts files.
class Place < Pathname
  def install(*files)
    mkpath
    files.flat_map { |file| file.is_a?(Hash) ? file.to_a : [[file, File.basename(file)]] }
         .each { |from, to| FileUtils.cp_r(from, self/to) }
  end
end

class Formula
  class << self
    attr_reader :facts, :service_block, :test_block

    %w[desc homepage version license].each do |name|
      define_method(name) { |value| (@facts ||= {})[name] = value }
    end
    # The archive is given, so the blocks of other systems are only read.
    %w[on_macos on_linux on_arm on_intel].each { |name| define_method(name) { |&block| instance_eval(&block) } }
    %w[url sha256].each { |name| define_method(name) { |value| value } }

    def service(&block) = @service_block = block
    def test(&block) = @test_block = block

    def inherited(formula)
      super
      (@all ||= []) << formula
    end

    def all = @all
  end

  def initialize(prefix) = @prefix = prefix

  def prefix = Place.new(@prefix)
  def version = self.class.facts["version"]
  def bin = Place.new(prefix/"bin")
  def opt_bin = bin
  def var = Place.new(prefix/"var")
  def man1 = Place.new(prefix/"share/man/man1")
  def bash_completion = Place.new(prefix/"etc/bash_completion.d")
  def zsh_completion = Place.new(prefix/"share/zsh/site-functions")
  def fish_completion = Place.new(prefix/"share/fish/vendor_completions.d")

  def free_port = TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }

  def shell_output(command)
    output = `#{command}`
    raise "#{command} failed" unless $?.success?

    output
  end

  def assert_match(expected, actual)
    raise "#{actual.inspect} does not contain #{expected.inspect}" unless actual.include?(expected)
  end

  # The service block.
  def run(command) = puts("service: #{command.join(" ")}")
  def keep_alive(_) = nil
  def log_path(_) = nil
  def error_log_path(_) = nil
end

formula, archive, prefix = ARGV
load File.expand_path(formula)
installed = Formula.all.first.new(File.expand_path(prefix))
archive = File.expand_path(archive)
work = "#{prefix}/unpacked"
FileUtils.mkdir_p(work)
system("tar", "-xzf", archive, "-C", work, exception: true)
# Homebrew enters the only directory of an archive.
Dir.chdir(Dir["#{work}/*"].first) { installed.install }
installed.instance_eval(&installed.class.service_block)
installed.instance_eval(&installed.class.test_block)
puts "the formula's test passed"
