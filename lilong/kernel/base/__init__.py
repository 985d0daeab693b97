"""What every room stands on: ids, time, money, words, problems, the manifest. No domain."""
