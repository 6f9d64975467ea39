Console.WriteLine("MmActors");
